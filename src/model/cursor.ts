/**
 * Positions in a source. A cursor is opaque text to everyone but this file; it carries a format
 * version so that a stored one is either understood or refused, never misread.
 */
import type { BlockRef } from './block.ts';
import { FatalError } from './errors.ts';

/** A versioned position in one source: `1:block:<height>:<hash>` or `1:token:<source's own text>`. */
export type Cursor = string & { readonly __brand: 'Cursor' };

/** The position right after a block of a chain feed. */
export function blockCursor(block: BlockRef): Cursor {
  return `1:block:${block.height}:${block.hash}` as Cursor;
}

/** A position that only its source understands (a sequence number, a page token). */
export function tokenCursor(token: string): Cursor {
  return `1:token:${token}` as Cursor;
}

/** What a cursor says: a block, or a token of the source. */
export type Position =
  | { readonly kind: 'block'; readonly block: BlockRef }
  | { readonly kind: 'token'; readonly token: string };

/**
 * Reads a cursor. Throws `cursor.unreadable` for anything this version does not write, because a
 * guessed position would silently skip or repeat data.
 */
export function parseCursor(text: string): Position {
  const block = /^1:block:(-?\d+):(.*)$/.exec(text);
  if (block?.[1] !== undefined && block[2] !== undefined) {
    return { kind: 'block', block: { height: Number(block[1]), hash: block[2] } };
  }
  if (text.startsWith('1:token:')) return { kind: 'token', token: text.slice('1:token:'.length) };
  throw new FatalError('cursor.unreadable', {
    stage: 'model',
    message: `Cursor "${text}" is not of a format this version reads (expected "1:block:<height>:<hash>" or "1:token:…"). Run the version that wrote it, or reset the checkpoint.`,
    context: { cursor: text },
  });
}
