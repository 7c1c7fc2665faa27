/** The position of a source whose cursors are blocks. */
import type { BlockRef } from '../model/block.ts';
import { type Cursor, parseCursor } from '../model/cursor.ts';
import { FatalError } from '../model/errors.ts';

/** Null stays null. Throws `cursor.unreadable` for a cursor that names no block. */
export function blockPosition(after: Cursor | null, kind: string): BlockRef | null {
  if (after === null) return null;
  const position = parseCursor(after);
  if (position.kind === 'block') return position.block;
  throw new FatalError('cursor.unreadable', {
    stage: 'sources',
    message: `Cursor "${after}" names no block, so it is not of a source of kind ${kind}. Reset the checkpoint of this source, or give the source its old name back.`,
    context: { cursor: after },
  });
}
