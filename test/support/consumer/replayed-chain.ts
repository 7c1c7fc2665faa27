/** A published chain whose source may tell something else of final blocks later, and replays of it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ControlLog } from '../../../src/consumer/control-log.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import { compareBlocks } from '../../../src/replay/replay-blocks.ts';
import { runReplay } from '../../../src/replay/replay-task.ts';
import { RowReader } from '../../../src/replay/row-reader.ts';
import { ToldRows } from '../../../src/replay/told-rows.ts';
import { anyStep } from './chain-steps.ts';
import {
  type ChainBlock,
  chain as chainId,
  channel,
  controlTopic,
  logsTopic,
  PublishedChain,
  transfersTopic,
} from './published-chain.ts';

const topics = [transfersTopic, logsTopic];
const transfers = fc.array(
  fc.record({ token: fc.nat({ max: 4 }), to: fc.nat({ max: 3 }), amount: fc.nat({ max: 99 }) }),
  { maxLength: 4 },
);

/** What the source says of some heights from now on, and over which of them a replay goes. */
export const round = fc.record({
  news: fc.array(fc.record({ at: fc.nat({ max: 40 }), transfers }), { maxLength: 6 }),
  from: fc.nat({ max: 20 }),
  slice: fc.integer({ min: 1, max: 5 }),
  steps: fc.array(anyStep, { maxLength: 8 }),
});

export class ReplayedChain {
  readonly chain = new PublishedChain();
  readonly #truth = new Map<number, ChainBlock>();
  readonly #replayed: { firstOffset: number; lastOffset: number }[] = [];

  constructor() {
    this.chain.grow([{ token: 1, to: 1, amount: 1 }]);
    this.chain.finalize(0);
    this.chain.publish();
  }

  tell(news: readonly { at: number; transfers: ChainBlock['transfers'] }[]): void {
    for (const { at, transfers: own } of news) {
      const block = this.#final()[at];
      if (block !== undefined) this.#truth.set(at, { ...block, transfers: own });
    }
  }

  /** Resolves to the blocks that were not right. */
  async replay(from: number, slice: number): Promise<number> {
    const { kafka, encoders } = this.chain;
    const { signal } = new AbortController();
    const reader = { ...kafka.reader(), readRange: kafka.readRange };
    const options = { reader, topic: controlTopic, schemaById: kafka.schemaById };
    const told = await ToldRows.open(await ControlLog.open(options), {
      ...{ from: 0, replayed: this.#replayed, signal },
    });
    const slices = compareBlocks({
      ...{ chain: chainId, source: 'mainnet', told, signal, dataErrors: 'stop' },
      blocks: this.#blocks(from),
      normalize: createNormalizer({ all: channel }, new Set(['token_transfers', 'logs'])),
      encoding: encoders.changelog,
      states: { state: () => null, tombstone: () => null, hasBlock: () => true },
      rows: new RowReader({
        ...{ reader, topics: new Set(topics), signal },
        readChange: (record) => encoders.changelog.read(record),
        gapOffsetsMax: 0,
      }),
      clock: { nowMs: () => 1, nowUs: () => 1, sleep: () => Promise.resolve() },
      limits: { blocksMax: slice, rowsMax: 6 },
    });
    const firstOffset = kafka.partition(controlTopic, 0).slots.length;
    const { corrected } = await runReplay(slices, {
      publisher: { publish: async (batch) => this.chain.commit(batch, { isScattered: true }) },
      encoders: {
        replayed: ({ header }, tallies) =>
          encoders.ledger.control({ kind: 'replay', block: header, tallies }, 1),
        checkpoint: () => encoders.ledger.checkpoint(undefined as never),
      },
      rowsMax: 6,
      onSlice: () => undefined,
    });
    const lastOffset = kafka.partition(controlTopic, 0).slots.length - 1;
    if (corrected > 0) this.#replayed.push({ firstOffset, lastOffset });
    return corrected;
  }

  /** Signs sum up to the rows that the source tells now, and no incarnation was inserted twice. */
  async assertRight(from: number): Promise<void> {
    const { kafka, encoders } = this.chain;
    const net = new Map<string, number>();
    const inserted = new Set<string>();
    for (const topic of topics) {
      for (const { key, value, ...place } of kafka.records(topic)) {
        assert.ok(key !== null && value !== null);
        const change = await encoders.changelog.read({ ...place, key, value });
        const { eventId, incarnation, rowStart, rowEnd } = change.record;
        const id = `${topic} ${eventId} ${incarnation}`;
        if (!change.isRetraction) assert.equal(inserted.size, inserted.add(id).size - 1, id);
        if (change.height < from || change.height >= this.#final().length) continue;
        const row = `${topic} ${change.height} ${value.subarray(rowStart, rowEnd).toString('hex')}`;
        net.set(row, (net.get(row) ?? 0) + (change.isRetraction ? -1 : 1));
      }
    }
    const live = [...net].filter(([, count]) => count !== 0);
    assert.ok(live.every(([, count]) => count === 1));
    assert.deepEqual(live.map(([row]) => row).sort(), this.#rows(from).sort());
  }

  #rows(from: number): string[] {
    const { encoders } = this.chain;
    const normalize = createNormalizer({ all: channel }, new Set(['token_transfers', 'logs']));
    return [...this.#told(from)].flatMap((block) => {
      const origin = originOf(block);
      return normalize([block], origin, assert.ifError).flatMap((event) =>
        encoders.changelog
          .insert(event, origin, { incarnation: 1, publishedAtUs: 1 })
          .map(({ topic, value, rowStart, rowEnd }) => {
            return `${topic} ${block.height} ${value.subarray(rowStart, rowEnd).toString('hex')}`;
          }),
      );
    });
  }

  async *#blocks(from: number) {
    for (const block of this.#told(from)) {
      const { transfers: _, ...header } = block;
      const update = { kind: 'block' as const, header, messages: [block] };
      yield { ...update, isBackfill: true, receivedAtUs: 1 };
    }
  }

  #told(from: number): ChainBlock[] {
    const final = this.#final().slice(from);
    return final.map((block) => this.#truth.get(block.height) ?? block);
  }

  #final(): readonly ChainBlock[] {
    const last = this.chain.published.at(-1);
    return last?.blocks.slice(0, last.finalized + 1) ?? [];
  }
}

function originOf({ height, hash: blockHash, timeMs: blockTimeMs }: ChainBlock) {
  const place = { chain: chainId, source: 'mainnet', height, blockHash, blockTimeMs };
  return { ...place, isBackfill: true, receivedAtUs: 1 };
}
