/** A row says of itself what it is published under: restore and consumers find it by that. */
import { DataError } from '../model/errors.ts';
import type { Event, Feed, Origin } from '../model/event.ts';

/**
 * Restore finds the block of a row, or its market and time, by these columns. Throws `row.invalid` for
 * a row that is not of its block, or of its event in a batch; `connector` is the kind of the source.
 */
export function assertOrigin(
  event: Event,
  origin: Origin,
  { feed, connector }: { readonly feed: Feed; readonly connector: string },
): void {
  const { row, timeMs } = event;
  const isOf =
    feed === 'chain'
      ? row['height'] === origin.height && row['block_hash'] === origin.blockHash
      : row['event_time'] === timeMs && origin.blockHash === connector;
  if (isOf && row['chain'] === origin.chain) return;
  throw feed === 'chain' ? notOfItsBlock(event, origin) : notOfItsMarket(event, origin);
}

function notOfItsBlock({ dataset, row }: Event, { chain, height, blockHash }: Origin): DataError {
  const { chain: rowChain, height: rowHeight, block_hash: rowHash } = row;
  return new DataError('row.invalid', {
    stage: 'encoding',
    message: `Row of ${dataset}: columns chain, height, block_hash are ${rowChain}, ${rowHeight}, ${rowHash}, expected those of its block: ${chain}, ${height}, ${blockHash}.`,
    context: { dataset, column: 'block_hash', height, blockHash },
  });
}

function notOfItsMarket({ dataset, row, timeMs }: Event, { chain, blockHash }: Origin): DataError {
  const { chain: rowChain, event_time: rowTime } = row;
  return new DataError('row.invalid', {
    stage: 'encoding',
    message: `Row of ${dataset}: columns chain, event_time are ${rowChain}, ${rowTime}, expected those of its event in a batch: ${chain}, ${timeMs} (it came with ${blockHash}).`,
    context: { dataset, column: 'event_time', timeMs },
  });
}
