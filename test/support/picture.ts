/**
 * A chain as a line of text: `1a 2a 3a | 3b 4b`. Digits are the height, letters the branch; a bar
 * says that the source switches to the branch that follows. A block's parent is the newest block
 * below it that was drawn before.
 */
import type { ChainUpdate } from '../../src/continuity/chain-update.ts';
import type { BlockHeader } from '../../src/model/block.ts';

/** The header drawn as `3b`, on top of the parent drawn as `2a`. */
export function header(name: string, parent: string): BlockHeader {
  const height = Number.parseInt(name, 10);
  return { height, hash: name, parentHash: parent, timeMs: height * 1000 };
}

/** Headers of a picture, in order; each builds on the block of the height below it drawn last. */
export function headers(picture: string): BlockHeader[] {
  const latest = new Map<number, string>();
  return picture
    .split(/[\s|]+/)
    .filter((name) => name !== '')
    .map((name) => {
      const height = Number.parseInt(name, 10);
      const drawn = header(name, latest.get(height - 1) ?? `${height - 1}a`);
      latest.set(height, name);
      return drawn;
    });
}

/** Updates as text: `+3a`, `-3a`, `=2a` (finalized); a second incarnation shows as `+3a#2`. */
export function draw(updates: readonly ChainUpdate[]): string {
  return updates.flatMap(drawOne).join(' ');
}

function drawOne(update: ChainUpdate): string[] {
  if (update.kind === 'finalized') return [`=${update.block.hash}`];
  if (update.kind === 'reverted') return update.blocks.map((block) => `-${block.hash}`);
  const { hash, incarnation } = update.block;
  return [incarnation === 1 ? `+${hash}` : `+${hash}#${incarnation}`];
}
