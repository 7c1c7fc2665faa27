/**
 * A chain of token transfers that a ledger follows and publishes with the real encoders: what a
 * reader has to make sense of, and what it must come to.
 */
import { ChangelogEncoder } from '../../../src/encoding/changelog-encoder.ts';
import { ControlEncoder } from '../../../src/encoding/control-encoder.ts';
import { loadDataset } from '../../../src/encoding/dataset.ts';
import { keySchema, valueSchema } from '../../../src/encoding/envelope.ts';
import { PartitionTable } from '../../../src/encoding/partition-table.ts';
import { commonSchemas } from '../../../src/encoding/schema-registration.ts';
import type { BlockHeader } from '../../../src/model/block.ts';
import type { Row } from '../../../src/model/event.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import { Ledger } from '../../../src/pipeline/ledger.ts';
import type { LedgerEncoders } from '../../../src/pipeline/ledger-encoders.ts';
import { nothingRestored } from '../../../src/pipeline/ledger-state.ts';
import type { PublicationBatch } from '../../../src/publishing/publisher.ts';
import type { Channel } from '../../../src/sources/source.ts';
import { MemoryKafka } from './memory-kafka.ts';

export const chain = 'eip155:1';
export const controlTopic = 'ommer.eip155-1.control';
export const transfersTopic = 'ommer.eip155-1.token_transfers';
export const logsTopic = 'ommer.eip155-1.logs';
export const partitions = 3;

/** One transfer: which token, who to, how much. */
export interface Transfer {
  readonly token: number;
  readonly to: number;
  readonly amount: number;
}

export interface ChainBlock extends BlockHeader {
  readonly transfers: readonly Transfer[];
}

const dataset = loadDataset('evm/token_transfers');
const logs = loadDataset('evm/logs');

/** Publishes with one transaction per call; markers come when the next transaction has begun, or not. */
export class PublishedChain {
  readonly kafka = new MemoryKafka();
  /** Hashes of the heads that the chain ever had, between two moves of it. */
  readonly heads = new Set<string>();
  /** By hash, one content per incarnation. */
  readonly #contents = new Map<string, ChainBlock[]>();
  #blocks: ChainBlock[] = [];
  #lost: ChainBlock[] = [];
  /** The chain after each publication, by the offset where its control records end. */
  readonly published: { readonly blocks: readonly ChainBlock[]; readonly finalized: number }[] = [];
  readonly encoders: ReturnType<typeof encodersOf>;
  readonly #ledger: Ledger<ChainBlock>;
  #made = 0;
  #finalized = -1;
  #transactions = 0n;
  #owed: (() => void)[] = [];

  constructor(envelope: 'flat' | 'debezium' = 'flat') {
    const nothing = () => undefined;
    this.kafka.create(controlTopic, 1);
    this.kafka.create(transfersTopic, partitions);
    this.kafka.create(logsTopic, partitions);
    this.encoders = encodersOf(this.kafka, envelope);
    this.#ledger = new Ledger(
      {
        chain,
        source: 'mainnet',
        kind: 'evm',
        identity: 'eip155:1/genesis',
        generation: 1,
        undoBlocksMax: 1000,
        undoRowsMax: 100_000,
        correctionsMs: 3_600_000,
        finalRowsMax: 100_000,
        tables: [],
        dataErrors: 'stop',
        encoders: this.encoders.ledger,
        normalize: createNormalizer({ all: channel }, new Set(['token_transfers', 'logs'])),
        clock: { nowMs: () => 1, nowUs: () => 1, sleep: () => Promise.resolve() },
        observer: {
          applied: nothing,
          reverted: nothing,
          revised: nothing,
          finalized: nothing,
          batched: nothing,
          quarantined: nothing,
        },
      },
      nothingRestored,
    );
  }

  get blocks(): readonly ChainBlock[] {
    return this.#blocks;
  }

  grow(transfers: readonly Transfer[]): void {
    this.#report(this.#block(transfers, this.#blocks));
    this.#noteHead();
  }

  /** Another branch wins, in place of the last `depth` blocks. It may be shorter, even empty. */
  fork(depth: number, branch: readonly (readonly Transfer[])[]): void {
    const keep = Math.max(this.#finalized + 1, this.#blocks.length - depth, 1);
    const kept = this.#blocks.slice(0, keep);
    const grown: ChainBlock[] = [];
    for (const transfers of branch) grown.push(this.#block(transfers, [...kept, ...grown]));
    this.#switchTo(grown, keep);
  }

  /** The branch that was lost last wins again, if it still can. */
  back(): void {
    const first = this.#lost[0];
    if (first !== undefined) this.#switchTo(this.#lost, first.height);
  }

  /** The block `depth` below the head has another content now, or the same; not when it is final. */
  revise(depth: number, transfers: readonly Transfer[]): void {
    const height = this.#blocks.length - 1 - depth;
    const block = this.#blocks[height];
    if (block === undefined || height <= this.#finalized) return;
    const revised = { ...block, transfers };
    this.#blocks[height] = revised;
    if (JSON.stringify(transfers) !== JSON.stringify(block.transfers)) this.#note(revised);
    const { transfers: _, ...header } = block;
    const update = { kind: 'revision' as const, block: header, messages: [revised] };
    this.#ledger.take({ ...update, isBackfill: false, receivedAtUs: 1 });
  }

  /** What a block held when it had this incarnation. */
  contentOf({ hash, incarnation }: { readonly hash: string; readonly incarnation: number }) {
    return this.#contents.get(hash)?.[incarnation - 1];
  }

  /** Each time a block becomes canonical, and each time it is revised, is one incarnation. */
  #note(block: ChainBlock): void {
    this.#contents.set(block.hash, [...(this.#contents.get(block.hash) ?? []), block]);
  }

  finalize(depth: number): void {
    const block = this.#blocks[this.#blocks.length - 1 - depth];
    if (block === undefined || block.height <= this.#finalized) return;
    this.#finalized = block.height;
    this.#ledger.take({ kind: 'finalized', block });
  }

  /** Commits what is ready. Markers of a transaction may follow the records of the next one. */
  publish(hasLateMarkers = false): void {
    if (!this.#ledger.isReady) return;
    this.commit(this.#ledger.close(), { hasLateMarkers });
    this.published.push({ blocks: [...this.#blocks], finalized: this.#finalized });
  }

  /**
   * One transaction of whoever made the batch; checkpoints are left out. Where it is scattered,
   * something of another producer lies after each of its records.
   */
  commit(batch: PublicationBatch, { hasLateMarkers = false, isScattered = false } = {}): void {
    this.#transactions += 1n;
    const producerId = this.#transactions % 3n;
    const touched = new Map<string, { topic: string; partition: number }>();
    const append = (record: Parameters<MemoryKafka['append']>[0]) => {
      touched.set(`${record.topic}/${record.partition}`, record);
      const offset = this.kafka.append(record, producerId);
      if (isScattered) this.kafka.mark(record.topic, record.partition, -1n);
      return offset;
    };
    const offsets = Float64Array.from(batch.records, append);
    for (const record of batch.seal(offsets)) {
      if (record.topic === controlTopic) append(record);
    }
    this.#settle();
    this.#owed = [...touched.values()].map(({ topic, partition }) => () => {
      this.kafka.mark(topic, partition, producerId);
    });
    if (!hasLateMarkers) this.#settle();
  }

  /** A control record as a replay writes it for an old block: here one that found nothing to do. */
  replay(height: number): void {
    const block = this.#blocks[height];
    if (block === undefined) throw new RangeError(`no block ${height}`);
    const event = { kind: 'replay' as const, block, tallies: [] };
    this.kafka.append(this.encoders.ledger.control(event, 1));
  }

  #settle(): void {
    for (const mark of this.#owed.splice(0)) mark();
  }

  #switchTo(branch: readonly ChainBlock[], keep: number): void {
    const ancestor = this.#blocks[keep - 1];
    const first = branch[0];
    if (ancestor === undefined || keep <= this.#finalized || keep >= this.#blocks.length) return;
    if (first !== undefined && first.parentHash !== ancestor.hash) return;
    if (first !== undefined && this.#blocks[keep]?.hash === first.hash) return;
    this.#lost = this.#blocks.splice(keep);
    const canonical = [ancestor, ...branch];
    this.#ledger.take({ kind: 'fork', canonical, reason: 'parent_hash' });
    for (const block of branch) this.#report(block);
    this.#noteHead();
  }

  #noteHead(): void {
    const head = this.#blocks.at(-1);
    if (head !== undefined) this.heads.add(head.hash);
  }

  #report(block: ChainBlock): void {
    this.#blocks.push(block);
    this.#note(block);
    const { transfers: _, ...header } = block;
    this.#ledger.take({
      kind: 'block',
      header,
      messages: [block],
      isBackfill: false,
      receivedAtUs: 1,
    });
  }

  #block(transfers: readonly Transfer[], parents: readonly ChainBlock[]): ChainBlock {
    const height = parents.length;
    this.#made += 1;
    const hash = `0x${height}.${this.#made}`;
    const parentHash = parents.at(-1)?.hash ?? 'genesis';
    return { height, hash, parentHash, timeMs: 1_000_000 + height * 1000, transfers };
  }
}

export const channel: Channel<ChainBlock> = {
  subjects: ['evm/token_transfers', 'evm/logs'],
  accepts: () => true,
  *normalize(block) {
    for (const [index, transfer] of block.transfers.entries()) {
      const row = transferRow(block, transfer, index);
      yield { dataset: 'token_transfers', index: String(index), row, timeMs: block.timeMs };
      if (transfer.token % 2 === 1) continue;
      const log = logRow(block, transfer, index);
      yield { dataset: 'logs', index: String(index), row: log, timeMs: block.timeMs };
    }
  },
};

function basics({ height, hash, timeMs }: ChainBlock): Row {
  return { chain, height, block_hash: hash, block_time: timeMs };
}

export function transferRow(block: ChainBlock, transfer: Transfer, index: number): Row {
  return {
    ...basics(block),
    tx_index: index,
    log_index: index,
    transfer_ref: `log/${index}`,
    transfer_type: 'erc20',
    token_address: `0xt${transfer.token}`,
    from_address: '0x0',
    to_address: `0xa${transfer.to}`,
    amount: String(transfer.amount),
  };
}

function logRow(block: ChainBlock, transfer: Transfer, index: number): Row {
  return {
    ...basics(block),
    tx_hash: `0x${block.hash}${index}`,
    tx_index: index,
    log_index: index,
    contract_address: `0xt${transfer.token}`,
    data: '0x',
  };
}

function encodersOf(
  kafka: MemoryKafka,
  envelope: 'flat' | 'debezium',
): { readonly ledger: LedgerEncoders; readonly changelog: ChangelogEncoder } {
  const routes = [
    {
      dataset,
      topic: transfersTopic,
      envelope,
      routing: dataset.routing,
      timestamps: 'event' as const,
    },
    {
      dataset: logs,
      topic: logsTopic,
      envelope: 'flat' as const,
      routing: logs.routing,
      timestamps: 'event' as const,
    },
  ];
  kafka.register(2, valueSchema(dataset, envelope));
  kafka.register(4, valueSchema(logs, 'flat'));
  kafka.register(1, keySchema(dataset));
  kafka.register(6, commonSchemas('control', controlTopic).value);
  const counts = routes.map(({ topic }) => ({ topic, fromHeight: 0, partitions }));
  const changelog = new ChangelogEncoder({
    source: 'mainnet',
    chain,
    connector: 'evm',
    version: '0',
    routes,
    schemaIds: new Map([
      [transfersTopic, { key: 1, value: 2 }],
      [logsTopic, { key: 3, value: 4 }],
    ]),
    partitions: new PartitionTable({ counts, pinned: new Map() }),
    schemaById: kafka.schemaById,
  });
  const control = new ControlEncoder({
    topic: controlTopic,
    chain,
    source: 'mainnet',
    schemaIds: { key: 5, value: 6 },
  });
  const plain = (topic: string) => ({
    topic,
    partition: 0,
    key: Buffer.from(topic),
    value: Buffer.from(topic),
    timestampMs: 1,
  });
  const ledger: LedgerEncoders = {
    insert: (event, origin, at) => changelog.insert(event, origin, at),
    retract: (record, reorg, at) => changelog.retract(record, reorg, at),
    isSameRow: (stored, fresh) => changelog.isSameRow(stored, fresh),
    isOutdated: (stored, fresh) => changelog.isOutdated(stored, fresh),
    completed: (stored, fresh) => changelog.completed(stored, fresh),
    isCorrectable: (name) => changelog.isCorrectable(name),
    isReadBack: (topic) => changelog.isReadBack(topic),
    orderOf: (event) => changelog.orderOf(event),
    control: (event, timeMs) => control.encode(event, timeMs),
    checkpoint: () => plain('checkpoints'),
    deadLetter: () => plain('dead-letters'),
    tables: { state: () => null, tombstone: () => null, final: () => null },
    partitionCounts: () => [],
    forgetPartitionCounts: () => undefined,
  };
  return { ledger, changelog };
}
