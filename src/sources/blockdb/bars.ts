/**
 * When a bar is published: once its bucket has closed, with the block that closed it. BlockDB sends a
 * bar again while its bucket fills, without a block number (reference sections 1 and 8.6); a block of
 * its own makes it a row like any other, which falls with the block when the chain leaves it.
 */
import { DataError } from '../../model/errors.ts';
import type { BlockdbConfig } from './config.ts';
import type { BlockdbDataset, WireFields } from './messages.ts';
import { memberValue } from './rows/compiled-table.ts';
import { filtersOf } from './stream/subscriptions.ts';
import { intervalSeconds } from './tables/bars.ts';
import { blockdbTables } from './tables/tables.ts';

/** Times, milliseconds; both ends are included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Of a subscription that names none (reference section 6). */
const intervalDefault = '1m';

/** What ends after its beginning, and not after its end. */
export interface Span {
  readonly afterMs: number;
  readonly toMs: number;
}

/** True for a dataset whose rows are of a span of time instead of a block. */
export function isBarDataset(dataset: BlockdbDataset): boolean {
  return blockdbTables[dataset].heightMember === null;
}

/** Seconds of the buckets that a filter of a bar dataset asks for. */
export function widthsOf(dataset: BlockdbDataset, params: WireFields): readonly number[] {
  const isNamed = blockdbTables[dataset].params.some(({ form }) => form === 'interval');
  if (!isNamed) return Object.values(intervalSeconds);
  const seconds = intervalSeconds[String(params['aggregation_interval'] ?? intervalDefault)];
  return seconds === undefined ? [] : [seconds];
}

/** Seconds of the buckets that all filters of each bar dataset ask for. */
export function widthsByDataset(
  config: Pick<BlockdbConfig, 'filters'>,
  datasets: readonly BlockdbDataset[],
): ReadonlyMap<BlockdbDataset, ReadonlySet<number>> {
  return new Map(
    datasets
      .filter(isBarDataset)
      .map((dataset) => [
        dataset,
        new Set(filtersOf(config, dataset).flatMap((params) => widthsOf(dataset, params))),
      ]),
  );
}

/** Where a bar's bucket ends, exclusive, in milliseconds. Throws `row.invalid` where it does not say. */
export function bucketEndMs(dataset: BlockdbDataset, data: WireFields): number {
  const startMs = memberValue(dataset, 'bucket_start', data);
  const seconds = memberValue(dataset, 'bucket_seconds', data);
  if (typeof startMs !== 'number') {
    throw invalid(dataset, 'bucket_start', { value: startMs, expected: 'a time' });
  }
  if (typeof seconds !== 'number') {
    throw invalid(dataset, 'bucket_seconds', { value: seconds, expected: 'a width' });
  }
  return startMs + seconds * 1_000;
}

/** Throws `row.invalid` for a bar of another width or place than REST is asked for. */
export function checkBucket(
  dataset: BlockdbDataset,
  data: WireFields,
  widths: ReadonlySet<number>,
): void {
  const endMs = bucketEndMs(dataset, data);
  const seconds = Number(memberValue(dataset, 'bucket_seconds', data));
  if (!widths.has(seconds)) {
    const expected = `one of ${[...widths].join(', ')}: the widths that its filters ask for`;
    throw invalid(dataset, 'bucket_seconds', { value: seconds, expected });
  }
  if (endMs % (seconds * 1_000) !== 0) {
    const expected = `a multiple of ${seconds} s`;
    throw invalid(dataset, 'bucket_start', { value: data['bucket_start'], expected });
  }
}

/**
 * When the buckets begin that end after `afterMs` and not after `toMs`: a range for each width, those
 * that overlap as one. A wide bucket that does not end there costs nothing.
 */
export function bucketStarts(
  widths: Iterable<number>,
  { afterMs, toMs }: Span,
): readonly TimeRange[] {
  const ranges = [...widths].flatMap((seconds) => {
    const widthMs = seconds * 1_000;
    const fromMs = Math.floor(afterMs / widthMs) * widthMs;
    const lastMs = Math.floor(toMs / widthMs) * widthMs - widthMs;
    return fromMs > lastMs ? [] : [{ fromMs, toMs: lastMs }];
  });
  ranges.sort((a, b) => a.fromMs - b.fromMs);
  const merged: TimeRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last === undefined || range.fromMs > last.toMs) merged.push(range);
    else merged[merged.length - 1] = { ...last, toMs: Math.max(last.toMs, range.toMs) };
  }
  return merged;
}

/**
 * The block with which a bar is published: the first canonical one whose time is at or after the end of
 * its bucket. `blocks` are canonical and ascending, and begin at or before it. Undefined while there is
 * none: the bucket is open.
 */
export function barBlock<B extends { readonly timeMs: number }>(
  endMs: number,
  blocks: readonly B[],
): B | undefined {
  return blocks.find(({ timeMs }) => timeMs >= endMs);
}

function invalid(
  dataset: BlockdbDataset,
  field: string,
  { value, expected }: { readonly value: unknown; readonly expected: string },
): DataError {
  const shown = value === null ? 'missing' : String(value);
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${field}" of a BlockDB row of ${dataset} is ${shown}, expected ${expected}. Correct the filters of ${dataset}, or report it.`,
    context: { dataset, field, value: shown, expected },
  });
}
