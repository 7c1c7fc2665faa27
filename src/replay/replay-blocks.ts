/**
 * Goes through a range of final blocks: reads them again from the source, compares them with what is
 * published, and hands on what puts them right. Blocks that are right cost nothing on the topics.
 */
import { DataError } from '../model/errors.ts';
import type { Event, Origin } from '../model/event.ts';
import type { Clock } from '../model/runtime.ts';
import type { BlockUpdate } from '../model/update.ts';
import type { Normalize } from '../normalization/normalizer.ts';
import type { DataErrorPolicy } from '../pipeline/ledger-encoders.ts';
import type { HeightRange } from '../sources/source.ts';
import {
  type Correction,
  correctBlock,
  type FreshBlock,
  type RowEncoding,
} from './correct-block.ts';
import type { RowReader } from './row-reader.ts';
import type { StateTopics } from './state-records.ts';
import type { ToldRows } from './told-rows.ts';

export interface ReplayParts<M> {
  readonly chain: string;
  readonly source: string;
  /** The blocks to go through, ascending and linked. */
  readonly blocks: AsyncIterable<BlockUpdate<M>>;
  readonly normalize: Normalize<M>;
  readonly encoding: RowEncoding;
  readonly states: StateTopics;
  readonly told: Pick<ToldRows, 'of'>;
  readonly rows: Pick<RowReader, 'read'>;
  readonly clock: Clock;
  readonly limits: { readonly blocksMax: number; readonly rowsMax: number };
  /** Rows that cannot be made are passed over and counted, or end the replay. */
  readonly dataErrors: DataErrorPolicy;
  readonly signal: AbortSignal;
}

/** A few consecutive blocks after they were compared. */
export interface ComparedSlice extends HeightRange {
  /** Blocks with something to put right, and those that no control record tells of. */
  readonly corrections: readonly Correction[];
  /** Why rows could not be made. */
  readonly unreadable: readonly string[];
}

/** In order; the next slice is compared when the one before was taken. Returns when aborted. */
export async function* compareBlocks<M>(parts: ReplayParts<M>): AsyncGenerator<ComparedSlice> {
  try {
    yield* slices(parts);
  } catch (error) {
    if (!parts.signal.aborted) throw error;
  }
}

async function* slices<M>(parts: ReplayParts<M>): AsyncGenerator<ComparedSlice> {
  const unreadable: string[] = [];
  let slice: FreshBlock[] = [];
  let rows = 0;
  for await (const update of parts.blocks) {
    const block = freshBlock(update, parts, unreadable);
    slice.push(block);
    rows += block.events.length;
    if (slice.length < parts.limits.blocksMax && rows < parts.limits.rowsMax) continue;
    yield { ...(await compare(slice, parts, unreadable)), unreadable: unreadable.splice(0) };
    slice = [];
    rows = 0;
  }
  if (slice.length === 0 || parts.signal.aborted) return;
  yield { ...(await compare(slice, parts, unreadable)), unreadable: unreadable.splice(0) };
}

async function compare<M>(
  slice: readonly FreshBlock[],
  parts: ReplayParts<M>,
  unreadable: string[],
): Promise<Omit<ComparedSlice, 'unreadable'>> {
  const { told, rows, clock, states } = parts;
  const range = {
    from: slice[0]?.header.height ?? 0,
    to: slice.at(-1)?.header.height ?? 0,
  };
  const { tallies, heights } = await told.of(range);
  const published = await rows.read(range, tallies);
  const publishedAtUs = clock.nowUs();
  const encoding = guarded(parts, unreadable);
  const corrections = slice
    .map((block) => correctBlock(block, published, { encoding, states, publishedAtUs }))
    .filter(({ header, differences }) => differences.length > 0 || !heights.has(header.height));
  return { ...range, corrections };
}

function freshBlock<M>(
  { header, messages, receivedAtUs }: BlockUpdate<M>,
  { chain, source, normalize, dataErrors }: ReplayParts<M>,
  unreadable: string[],
): FreshBlock {
  const { height, hash: blockHash, timeMs: blockTimeMs } = header;
  const origin: Origin = {
    ...{ chain, source, height, blockHash, blockTimeMs },
    isBackfill: true,
    receivedAtUs,
  };
  const before = unreadable.length;
  const events: Event[] = normalize(messages, origin, (error) =>
    unreadable.push(passedOver(error, dataErrors)),
  );
  return { header, origin, events, isWhole: unreadable.length === before };
}

/** An encoder that passes over a row that does not fit its schema. */
function guarded<M>({ encoding, dataErrors }: ReplayParts<M>, unreadable: string[]): RowEncoding {
  return {
    retract: (record, reorg, context) => encoding.retract(record, reorg, context),
    isSameRow: (stored, fresh) => encoding.isSameRow(stored, fresh),
    insert: (event, origin, context) => {
      try {
        return encoding.insert(event, origin, context);
      } catch (error) {
        unreadable.push(passedOver(error, dataErrors));
        return null;
      }
    },
  };
}

function passedOver(error: unknown, policy: DataErrorPolicy): string {
  if (!(error instanceof DataError) || policy === 'stop') throw error;
  return error.message;
}
