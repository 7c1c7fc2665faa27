/** Final blocks once more, for a replay: in order and linked, as REST has them. */
import { TransientError } from '../../../model/errors.ts';
import type { BlockUpdate } from '../../../model/update.ts';
import type { HeightRange } from '../../source.ts';
import type { ArchiveBlock } from '../assembly/archive-block.ts';
import { messagesOf } from '../assembly/block-messages.ts';
import type { BlockdbConfig } from '../config.ts';
import type { BlockdbRow } from '../messages.ts';
import type { RangeReader } from './range-reader.ts';

/** Ends with the range. Throws `source.missing_block` where REST does not have it, and what it throws. */
export async function* readBlocks(
  reader: RangeReader,
  range: HeightRange,
  { config, signal }: { readonly config: BlockdbConfig; readonly signal: AbortSignal },
): AsyncGenerator<BlockUpdate<BlockdbRow>> {
  let parentHash: string | undefined;
  for (let next = range.from; next <= range.to; ) {
    const to = Math.min(range.to, next + config.blocksPerFetch - 1);
    for (const { header, rows, receivedAtUs } of await readWhole(
      reader,
      { from: next, to },
      signal,
    )) {
      if (parentHash !== undefined && header.parentHash !== parentHash) {
        throw unreadable(header.height, 'its parent is not the block before it');
      }
      parentHash = header.hash;
      next = header.height + 1;
      yield { kind: 'block', header, messages: messagesOf(rows), isBackfill: true, receivedAtUs };
    }
  }
}

/** At least one block. A block that lacks rows would have those retracted that it lacks. */
async function readWhole(
  reader: RangeReader,
  range: HeightRange,
  signal: AbortSignal,
): Promise<readonly ArchiveBlock[]> {
  const outcome = await reader.read(range, signal);
  if (outcome.kind === 'moved') throw unreadable(range.from, 'it moved while it was read');
  const [letter] = outcome.letters;
  const [ungiven] = reader.ungiven.values();
  const lack = letter?.reason ?? ungiven?.message;
  if (lack !== undefined) throw unreadable(range.from, lack);
  if (outcome.blocks.length === 0) throw unreadable(range.from, 'REST does not have it');
  return outcome.blocks;
}

function unreadable(height: number, why: string): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `Block ${height} cannot be read again from REST: ${why}.`,
    context: { height },
  });
}
