/**
 * Bars over the swap prints of the chain. Each bar keeps its states by height, so that a fallen block
 * takes its trades back and REST can show the bar as of a lower height.
 */
import type { Item } from '../../simulator/json.ts';
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import {
  type BarPlace,
  type BarState,
  corrected,
  fiatItem,
  ohlcItem,
  type Tick,
  vwapItem,
  withTick,
} from './bar-state.ts';
import type { BlockHeader } from './block.ts';
import type { Cast, Token } from './cast.ts';
import type { DatasetId } from './datasets.ts';
import { adjusted } from './values.ts';

/** A bar as a block left it. */
export interface BarRow {
  readonly dataset: DatasetId;
  readonly item: Item;
}

type BarDataset = '0404' | '0405' | '0501';

interface BarEntry {
  readonly height: number;
  readonly state: BarState;
}

interface Bar {
  readonly dataset: BarDataset;
  readonly place: BarPlace;
  /** Ascending by height; the last one holds. */
  readonly entries: BarEntry[];
}

const widths: Readonly<Record<BarDataset, readonly number[]>> = {
  '0404': [60, 300, 3600, 86_400],
  '0405': [60, 300, 900, 1800, 3600, 14_400, 86_400],
  '0501': [60, 300, 3600, 86_400],
};
const items = { '0404': ohlcItem, '0405': vwapItem, '0501': fiatItem } as const;
const correctionChance = 0.05;

/** All bars. */
export class BarBook {
  readonly #cast: Cast;
  readonly #correctedForMs: number;
  readonly #bars = new Map<string, Bar>();

  /** Bars are corrected for so long after they closed. */
  constructor(cast: Cast, correctedForMs: number) {
    this.#cast = cast;
    this.#correctedForMs = correctedForMs;
  }

  /** Counts the prints of a block, now and then corrects a closed bar; returns the bars it changed. */
  apply(header: BlockHeader, prints: readonly Item[], random: SeededRandom): readonly BarRow[] {
    const touched = new Set<Bar>();
    for (const print of prints) this.#count(header, print, touched);
    if (random.chance(correctionChance)) this.#correct(header, random, touched);
    return [...touched].map((bar) => rowOf(bar)).filter((row) => row !== undefined);
  }

  /** Takes back what was counted above a height; returns the bars that are left, as they are now. */
  revert(height: number): readonly BarRow[] {
    const left: BarRow[] = [];
    for (const [name, bar] of this.#bars) {
      if ((bar.entries.at(-1)?.height ?? 0) <= height) continue;
      while ((bar.entries.at(-1)?.height ?? 0) > height) bar.entries.pop();
      const row = rowOf(bar);
      if (row === undefined) this.#bars.delete(name);
      else left.push(row);
    }
    return left;
  }

  /** Forgets what cannot fall any more, and bars that ended before a time. */
  forget(height: number, endMs: number): void {
    for (const [name, { place, entries }] of this.#bars) {
      while ((entries[1]?.height ?? Number.POSITIVE_INFINITY) <= height) entries.shift();
      if (place.startMs + place.seconds * 1000 < endMs) this.#bars.delete(name);
    }
  }

  #count(header: BlockHeader, print: Item, touched: Set<Bar>): void {
    const [tokenIn, tokenOut] = [this.#token(print['token_in']), this.#token(print['token_out'])];
    const tick = tickOf(header, print, [tokenIn, tokenOut]);
    if (tick === undefined) return;
    const names = pick(print, ['pool_uid', 'exchange_id', 'type_id', 'token_in', 'token_out']);
    for (const dataset of ['0404', '0405'] as const) {
      this.#push(dataset, { header, names, tick, touched });
    }
    const [usd] = this.#cast.tokens;
    const isPriced = usd !== undefined && tokenIn !== usd && tokenOut === usd;
    if (!isPriced) return;
    this.#push('0501', { header, names: { token_address: tokenIn?.address }, tick, touched });
  }

  #push(
    dataset: BarDataset,
    options: { header: BlockHeader; names: Item; tick: Tick; touched: Set<Bar> },
  ): void {
    const { header, names, tick, touched } = options;
    for (const seconds of widths[dataset]) {
      const startMs = header.timeMs - (header.timeMs % (seconds * 1000));
      const name = JSON.stringify([dataset, startMs, seconds, names]);
      const bar = this.#bars.get(name) ?? {
        dataset,
        place: { startMs, seconds, names },
        entries: [],
      };
      this.#bars.set(name, bar);
      const state = withTick(bar.place, bar.entries.at(-1)?.state, tick);
      bar.entries.push({ height: header.height, state });
      touched.add(bar);
    }
  }

  #correct(header: BlockHeader, random: SeededRandom, touched: Set<Bar>): void {
    const closed = [...this.#bars.values()].filter(({ place: { startMs, seconds } }) => {
      const closedForMs = header.timeMs - startMs - seconds * 1000;
      return closedForMs >= 0 && closedForMs <= this.#correctedForMs;
    });
    const bar = closed.length === 0 ? undefined : random.pick(closed.slice(-20));
    const state = bar?.entries.at(-1)?.state;
    if (bar === undefined || state === undefined) return;
    bar.entries.push({ height: header.height, state: corrected(state) });
    touched.add(bar);
  }

  #token(address: unknown): Token | undefined {
    return this.#cast.tokens.find((token) => token.address === address);
  }
}

function rowOf({ dataset, entries }: Bar): BarRow | undefined {
  const state = entries.at(-1)?.state;
  return state === undefined ? undefined : { dataset, item: items[dataset](state) };
}

/** undefined for prints that have no price. */
function tickOf(
  header: BlockHeader,
  print: Item,
  [tokenIn, tokenOut]: readonly [Token | undefined, Token | undefined],
): Tick | undefined {
  const { exec_price: price, amount_in_raw: rawIn, amount_out_raw: rawOut } = print;
  if (typeof price !== 'string' || tokenIn === undefined || tokenOut === undefined)
    return undefined;
  const [inRaw, outRaw] = [BigInt(String(rawIn)), BigInt(String(rawOut))];
  return {
    anchor: {
      height: header.height,
      timeText: String(print['block_time']),
      txIndex: Number(print['tx_index']),
      logIndex: Number(print['log_index']),
    },
    price: BigInt(price.replace('.', '')),
    inRaw,
    outRaw,
    inAdjusted: adjusted(inRaw, tokenIn.decimals) ?? 0n,
    outAdjusted: adjusted(outRaw, tokenOut.decimals) ?? 0n,
  };
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}
