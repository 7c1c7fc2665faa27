/** The rows that one dataset has in a range of blocks, as REST has them: by height, or by time for bars. */
import type { BlockHeader } from '../../../model/block.ts';
import { DataError } from '../../../model/errors.ts';
import type { DeadLetter } from '../assembly/discards.ts';
import { heightOf, type KeyedRow, keyedRow, rawOf } from '../assembly/said-row.ts';
import {
  barBlock,
  bucketEndMs,
  bucketStarts,
  checkBucket,
  isBarDataset,
  widthsOf,
} from '../bars.ts';
import type { BlockdbConfig } from '../config.ts';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { filtersOf } from '../stream/subscriptions.ts';
import type { Archive } from './archive.ts';
import { restFilters } from './rest-filters.ts';

/** Rows with the heights of their blocks. */
export interface RangeRows {
  readonly rows: readonly (readonly [number, KeyedRow])[];
  /** The last height that the answers are whole for. */
  readonly servedTo: number;
}

/** What rows are read with; those that cannot be read are added to `letters`. */
export interface ReadScope {
  readonly archive: Archive;
  readonly config: BlockdbConfig;
  readonly letters: DeadLetter[];
  readonly signal: AbortSignal;
}

/** Which height a row is of; undefined for one that is of none of the range. Throws `row.invalid`. */
type Place = (data: WireFields) => number | undefined;

/** By the heights that rows say. Throws what the archive throws. */
export async function rowsOf(
  dataset: BlockdbDataset,
  headers: readonly BlockHeader[],
  { archive, config, letters, signal }: ReadScope,
): Promise<RangeRows> {
  const range = { from: headers[0]?.height ?? 0, to: headers.at(-1)?.height ?? -1 };
  const answers = await Promise.all(
    filtersOf(config, dataset)
      .flatMap((filter) => restFilters(dataset, filter))
      .map((params) => archive.rows({ dataset, range, params }, signal)),
  );
  const place: Place = (data) => {
    const height = heightOf(dataset, data);
    return height < range.from || height > range.to ? undefined : height;
  };
  return {
    rows: merged(answers.map(({ rows }) => placedRows(dataset, rows, { place, letters }))),
    servedTo: Math.min(range.to, ...answers.map(({ resolvedTo }) => resolvedTo ?? range.to)),
  };
}

/**
 * The bars of the buckets that end in these blocks, each with the block that closed it; none of the
 * first block where the one below is not known. Throws what the archive throws.
 */
export async function barsOf(
  dataset: BlockdbDataset,
  {
    headers,
    below,
  }: { readonly headers: readonly BlockHeader[]; readonly below: BlockHeader | null },
  { archive, config, letters, signal }: ReadScope,
): Promise<RangeRows> {
  const timed = below === null ? headers : [below, ...headers];
  const span = { afterMs: timed[0]?.timeMs ?? 0, toMs: timed.at(-1)?.timeMs ?? 0 };
  const whole = headers.at(-1)?.height ?? -1;
  const questions = filtersOf(config, dataset).flatMap((filter) => {
    const widths = new Set(widthsOf(dataset, filter));
    const ranges = bucketStarts(widths, span);
    return restFilters(dataset, filter).flatMap((params) =>
      ranges.map((range) => ({ params, range, widths })),
    );
  });
  const answers = await Promise.all(
    questions.map(async ({ params, range, widths }) => {
      const { rows, resolvedTo } = await archive.rows(
        { dataset, range: reaching(range), params },
        signal,
      );
      const place: Place = (data) => {
        const endMs = bucketEndMs(dataset, data);
        // REST has the buckets of all widths in one answer.
        if (!widths.has(Number(data['bucket_seconds']))) return undefined;
        checkBucket(dataset, data, widths);
        return endMs > span.afterMs ? barBlock(endMs, headers)?.height : undefined;
      };
      const endMs = resolvedTo === null || resolvedTo >= range.toMs ? null : resolvedTo;
      const closed = headers.findLast(({ timeMs }) => endMs === null || timeMs <= endMs);
      const servedTo = endMs === null ? whole : (closed?.height ?? -1);
      return { rows: placedRows(dataset, rows, { place, letters }), servedTo };
    }),
  );
  return {
    rows: merged(answers.map(({ rows }) => rows)),
    servedTo: Math.min(whole, ...answers.map(({ servedTo }) => servedTo)),
  };
}

/** Whether REST counts a range's end in is not documented; no bucket begins within a second of another. */
function reaching({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  return { fromMs, toMs: toMs + 1_000 };
}

type Placed = ReadonlyMap<string, readonly [number, KeyedRow]>;

/** Several filters may match one row. */
function merged(answers: readonly Placed[]): RangeRows['rows'] {
  return [...new Map(answers.flatMap((each) => [...each])).values()];
}

/**
 * The rows of one answer by height and key. A batch may hold the same token twice: rows that their key
 * does not tell apart are counted.
 */
function placedRows(
  dataset: BlockdbDataset,
  rows: readonly WireFields[],
  { place, letters }: { readonly place: Place; readonly letters: DeadLetter[] },
): Placed {
  const placed = new Map<string, readonly [number, KeyedRow]>();
  for (const data of rows) {
    try {
      const height = place(data);
      if (height === undefined) continue;
      const row = keyedRow(dataset, data);
      let { key } = row;
      // A bar that changed between two pages is still the same.
      const isBar = isBarDataset(dataset);
      for (let times = 2; !isBar && placed.has(`${height}/${key}`); times += 1)
        key = `${row.key}#${times}`;
      placed.set(`${height}/${key}`, [height, { ...row, key }]);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      letters.push({ raw: rawOf(data), code: error.code, reason: error.message });
    }
  }
  return placed;
}
