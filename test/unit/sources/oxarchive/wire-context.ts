/** What the tests of the readers share: a frame's data, and where it is said to come from. */
import type { DataError } from '../../../../src/model/errors.ts';
import { parseExactJson } from '../../../../src/sources/decimal.ts';
import type { RowsContext } from '../../../../src/sources/oxarchive/wire/reading.ts';

/** Live, received at 2026-09-21T14:14:52.004Z, ten seconds of skew allowed. */
export function contextOf(market: Pick<RowsContext, 'venue' | 'symbol' | 'channel'>): RowsContext {
  return {
    ...market,
    origin: 'live',
    receivedAtMs: 1_790_000_092_004,
    aheadMsMax: 10_000,
    envelopeTimeMs: null,
  };
}

/** The member `data` of a frame's or answer's text. */
export function dataOf(text: string): unknown {
  return (parseExactJson(text) as { readonly data: unknown }).data;
}

/** Codes of errors. */
export function problemsOf(refusals: readonly DataError[]): readonly string[] {
  return refusals.map(({ code }) => code);
}
