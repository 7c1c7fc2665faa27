/**
 * The assembly with a pipeline behind it, told in pictures: `7a` is block a at height 7, `7a[x,y]` the
 * block with these logs, `7a[60=5]` with the bar of the bucket that ends at 60 s at the price of 5.
 */
import assert from 'node:assert/strict';
import { CanonicalChain } from '../../../src/continuity/canonical-chain.ts';
import type { SourceUpdate } from '../../../src/model/update.ts';
import { Assembler } from '../../../src/sources/blockdb/assembly/assembler.ts';
import { dueForRecheck, takeRecheck } from '../../../src/sources/blockdb/assembly/recheck.ts';
import { Reporter } from '../../../src/sources/blockdb/assembly/reporter.ts';
import { headerOf, keyedRow } from '../../../src/sources/blockdb/assembly/said-row.ts';
import { bucketEndMs } from '../../../src/sources/blockdb/bars.ts';
import type {
  BlockdbDataset,
  BlockdbRow,
  WireFields,
} from '../../../src/sources/blockdb/messages.ts';

const settleMs = 100;
const confirmations = 5;
const blockSeconds = 12;
export const hashOf = (name: string) =>
  name
    .charCodeAt(name.length - 1)
    .toString(16)
    .padStart(64, '0');
const nameOf = (hash: string) => String.fromCharCode(Number.parseInt(hash.slice(-2), 16));

/** Blocks are `blockSeconds` apart unless told otherwise. */
function blockData(
  at: number,
  name: string,
  parent: string,
  seconds = at * blockSeconds,
): WireFields {
  const timestamp = new Date(seconds * 1_000).toISOString();
  const hashes = { block_hash: hashOf(name), parent_block_hash: hashOf(parent) };
  return { block_number: at, ...hashes, timestamp_utc: timestamp };
}

export function logData(at: number, index: number, topic: string): WireFields {
  const contract_address = '00'.repeat(20);
  const place = { block_number: at, tx_index: 0, log_index: index };
  return { ...place, contract_address, topic_zero: hashOf(topic), data: '' };
}

function barData(endSeconds: number, price: number): WireFields {
  const bucket_start = new Date((endSeconds - 60) * 1_000).toISOString();
  return { token_address: '00'.repeat(20), bucket_start, bucket_seconds: 60, price_usd: price };
}

/** The assembly with a pipeline behind it. Everything happens at `nowMs`. */
export class Story {
  readonly chain: CanonicalChain;
  readonly assembler: Assembler;
  readonly #reporter: Reporter;
  nowMs = 0;

  /** Begins at a height, or goes on after what is published. */
  constructor(start: number, chain = new CanonicalChain('test')) {
    this.chain = chain;
    const published = {
      canonicalHash: (height: number) => chain.hashAt(height),
      get floor() {
        const final = chain.finalized;
        return final === null
          ? { height: start - 1, isFinal: false }
          : { height: final.height, isFinal: true };
      },
    };
    this.assembler = new Assembler(published, { auditedTo: start - 1, confirmations });
    this.#reporter = new Reporter(this.assembler, { published, settleMs, tip: chain.tip });
    if (chain.tip === null) this.#reporter.startAt(start);
  }

  block(at: number, name: string, parent: string, isCorrection = false): this {
    return this.blockOf(at * blockSeconds, [at, name, parent], isCorrection);
  }

  /** A block of another time. */
  blockOf(
    seconds: number,
    [at, name, parent]: readonly [at: number, name: string, parent: string],
    isCorrection = false,
  ): this {
    return this.#say('blocks', blockData(at, name, parent, seconds), { at, isCorrection });
  }

  /** A bar of a minute. */
  bar(endSeconds: number, price: number, isCorrection = false): this {
    const data = barData(endSeconds, price);
    const row = keyedRow('prices_spot_vwap_fiat', data);
    const said = { ...row, endMs: endSeconds * 1_000, isCorrection, raw: Buffer.alloc(0) };
    this.assembler.takeBar(said, this.nowMs);
    return this;
  }

  /** REST, which has come to `servedTo`, has this block with these bars. Returns whether that counts. */
  restBars(
    [at, name, parent]: readonly [at: number, name: string, parent: string],
    bars: readonly (readonly [endSeconds: number, price: number])[],
    servedTo = at,
  ): boolean {
    const data = blockData(at, name, parent);
    const rows = bars.map((bar) => keyedRow('prices_spot_vwap_fiat', barData(...bar)));
    const nowMs = this.nowMs + 1;
    const covers = new Set(['blocks', 'prices_spot_vwap_fiat']);
    return this.assembler.settle(
      {
        header: headerOf(data),
        rows: [keyedRow('blocks', data), ...rows],
        parentTimeMs: (at - 1) * blockSeconds * 1_000,
        receivedAtUs: 0,
      },
      { atMs: nowMs, nowMs, covers, isWhole: true, servedTo },
    );
  }

  /** REST says once more which bars there are of the blocks that are due for it; their heights. */
  recheck(bars: readonly (readonly [endSeconds: number, price: number])[]): readonly number[] {
    const headers = dueForRecheck(this.assembler, confirmations);
    const rows = bars.map((bar) => {
      const row = keyedRow('prices_spot_vwap_fiat', barData(...bar));
      return [Math.ceil(bar[0] / blockSeconds), row] as const;
    });
    takeRecheck(this.assembler, { headers, rows, covers: new Set(['prices_spot_vwap_fiat']) });
    return headers.map(({ height }) => height);
  }

  log(at: number, index: number, topic: string, isCorrection = false): this {
    return this.#say('logs', logData(at, index, topic), { at, isCorrection });
  }

  /** REST has this block with these logs; or gives no logs, where they are null. */
  rest(
    at: number,
    names: readonly [name: string, parent: string],
    topics: readonly string[] | null,
    isWhole = topics !== null,
  ): this {
    const data = blockData(at, ...names);
    const logs = (topics ?? []).map((topic, index) => keyedRow('logs', logData(at, index, topic)));
    const rows = [keyedRow('blocks', data), ...logs];
    const covers = new Set(topics === null ? ['blocks'] : ['blocks', 'logs']);
    const nowMs = this.nowMs + 1;
    const asked = { atMs: nowMs, nowMs, covers, isWhole, servedTo: at };
    const read = { header: headerOf(data), rows, parentTimeMs: null, receivedAtUs: 0 };
    assert(this.assembler.settle(read, asked));
    return this;
  }

  later(ms = settleMs): this {
    this.nowMs += ms;
    return this;
  }

  /** Everything that can be reported now. */
  get told(): string {
    const told: string[] = [];
    for (;;) {
      const update = this.#reporter.next(this.nowMs);
      if (update === undefined) return told.join(' ');
      told.push(this.#take(update));
    }
  }

  #take(update: SourceUpdate<BlockdbRow>): string {
    if (update.kind === 'fork') {
      this.chain.fork(update.canonical, update.reason);
      return `fork@${update.canonical[0]?.height}`;
    }
    if (update.kind === 'block') this.chain.apply(update.header);
    if (update.kind !== 'block' && update.kind !== 'revision') return update.kind;
    const { height, hash } = update.kind === 'block' ? update.header : update.block;
    const rows = update.messages.flatMap(({ dataset, data }) => {
      if (dataset === 'prices_spot_vwap_fiat') {
        return [`${bucketEndMs(dataset, data) / 1_000}=${data['price_usd']}`];
      }
      return dataset === 'logs' ? [nameOf(String(data['topic_zero']))] : [];
    });
    return `${update.kind === 'block' ? '+' : '~'}${height}${nameOf(hash)}[${rows.join()}]`;
  }

  #say(
    dataset: BlockdbDataset,
    data: WireFields,
    { at, isCorrection }: { readonly at: number; readonly isCorrection: boolean },
  ): this {
    const header = dataset === 'blocks' ? headerOf(data) : null;
    const raw = Buffer.from(JSON.stringify(data));
    const said = { ...keyedRow(dataset, data), height: at, header, isCorrection, raw };
    this.assembler.take({ ...said, receivedAtUs: 0 }, this.nowMs);
    return this;
  }
}
