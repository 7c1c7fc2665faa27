/**
 * The stream: accepts connections and sends what changed on the chain to those who subscribed.
 * Corrections carry the flag; what fell without a successor is never mentioned.
 */
import type { WebSocket } from 'ws';
import type { Clock } from '../../../model/runtime.ts';
import { SeededRandom } from '../../traffic/seeded-random.ts';
import type { KeyPlan } from '../access.ts';
import type { ChainBlock, Row } from '../chain/block.ts';
import type { BlockdbChain } from '../chain/blockdb-chain.ts';
import type { DatasetId } from '../chain/datasets.ts';
import { isSameContent } from '../chain/lineage.ts';
import type { Faults } from '../faults.ts';
import type { Profile } from '../profile.ts';
import type { Shape } from '../shape.ts';
import { StreamConnection, type StreamTiming } from './connection.ts';
import { Lanes, type Update } from './lanes.ts';
import { UpdateWriter } from './update-writer.ts';

/** What the stream needs. */
export interface StreamOptions {
  readonly chainId: number;
  readonly seed: string;
  readonly chain: BlockdbChain;
  readonly shape: Shape;
  readonly profile: Profile;
  readonly faults: Faults;
  readonly timing: StreamTiming;
  readonly clock: Clock;
}

/** Blocks that took the place of others. */
export interface Correction {
  /** Highest block that fell. */
  readonly throughHeight: number;
  /** Rows that fell, bars included, by name. */
  readonly fallen: ReadonlyMap<string, Row>;
}

/** The stream. */
export class Stream {
  readonly #options: StreamOptions;
  readonly #lanes: Lanes;
  readonly #writer: UpdateWriter;
  readonly #random: SeededRandom;
  readonly #connections = new Set<StreamConnection>();
  readonly #held: Update[] = [];
  readonly #end = new AbortController();
  #isWaiting = false;

  constructor(options: StreamOptions) {
    const { seed, profile, faults } = options;
    this.#options = options;
    this.#random = new SeededRandom(`${seed}/stream`);
    this.#lanes = new Lanes(new SeededRandom(`${seed}/lanes`), profile.isInterleaved);
    this.#writer = new UpdateWriter(options);
    faults.onOver(({ name }) => {
      if (name === 'hold') for (const update of this.#held.splice(0)) this.#send(update);
    });
  }

  /** Connections that are open now. */
  get connections(): readonly StreamConnection[] {
    return [...this.#connections];
  }

  /** Takes over an opened socket. */
  accept(socket: WebSocket, key: string, plan: KeyPlan): StreamConnection {
    const { chainId, shape, profile, faults, timing, clock } = this.#options;
    const connection = new StreamConnection(socket, {
      key,
      plan,
      rules: { chainId, shape, profile },
      timing,
      faults,
      resend: (to, dataset, what) => this.#resend(to, dataset, what),
      sleep: (ms) => clock.sleep(ms),
      onGone: (gone) => this.#connections.delete(gone),
    });
    this.#connections.add(connection);
    return connection;
  }

  /** Sends the rows of a new block. */
  report(block: ChainBlock, correction?: Correction): void {
    const { profile, faults } = this.#options;
    const { height } = block.header;
    const through = correction?.throughHeight ?? 0;
    const isReorg = height <= through || (profile.flagsNextBlock && height === through + 1);
    const rows = [...block.rows, ...block.bars];
    const datasets = new Set(rows.map(({ dataset }) => dataset));
    for (const dataset of datasets) {
      const own = rows.filter((row) => row.dataset === dataset);
      const isTurned = own.length > 1 && faults.take('out-of-order', { dataset }) !== undefined;
      this.#put(isTurned ? own.reverse() : own, { isReorg, correction });
    }
    this.#pump();
  }

  /** Sends bars that a reorganization changed and no new block changed again. */
  reportBars(bars: readonly Row[], correction: Correction): void {
    this.#put(bars, { isReorg: true, correction });
    this.#pump();
  }

  /** Stops what waits; connections are the server's to end. */
  close(): void {
    this.#end.abort();
  }

  #put(
    rows: readonly Row[],
    options: { readonly isReorg: boolean; readonly correction: Correction | undefined },
  ): void {
    const { isReorg, correction } = options;
    const { resendsIdentical, correctionDelayMs } = this.#options.profile;
    const now = this.#options.clock.nowMs();
    for (const row of rows) {
      const replaced = correction?.fallen.get(rowName(row));
      if (!resendsIdentical && replaced !== undefined && this.#isShownAlike(row, replaced))
        continue;
      const isLate = isReorg && isDerived(row.dataset);
      const { min, max } = correctionDelayMs;
      const dueMs = isLate ? now + this.#random.integer(min, max) : now;
      this.#lanes.put({ row, isReorg, ...(replaced === undefined ? {} : { replaced }) }, dueMs);
    }
  }

  /** What is not shown may differ: the hash of the block, for one. */
  #isShownAlike({ dataset, item }: Row, other: Row): boolean {
    const { shape } = this.#options;
    return isSameContent(shape.stream(dataset, item), shape.stream(dataset, other.item));
  }

  #pump(): void {
    const { clock } = this.#options;
    for (const update of this.#lanes.take(clock.nowMs())) this.#send(update);
    const next = this.#lanes.nextDueMs;
    if (next === undefined || this.#isWaiting) return;
    this.#isWaiting = true;
    const again = (): void => {
      this.#isWaiting = false;
      if (!this.#end.signal.aborted) this.#pump();
    };
    clock.sleep(Math.max(next - clock.nowMs(), 1), this.#end.signal).then(again, again);
  }

  #send(update: Update): void {
    const { faults } = this.#options;
    if (faults.take('hold', { dataset: update.row.dataset }) !== undefined) {
      this.#held.push(update);
      return;
    }
    this.#writer.send(update, this.connections);
  }

  #resend(connection: StreamConnection, dataset: DatasetId, what: 'row' | 'block'): void {
    const { chain } = this.#options;
    const wanted = chain.rows(dataset).filter((row) => connection.wish(row) !== undefined);
    const last = wanted.at(-1);
    const rows =
      what === 'row' ? wanted.slice(-1) : wanted.filter((row) => row.height === last?.height);
    for (const row of rows) {
      const frame = this.#writer.frame({ row, isReorg: false }, connection.wish(row) ?? {});
      connection.send(JSON.stringify(frame));
    }
  }
}

/** A name that is unique among the rows of all datasets. */
export function rowName({ dataset, key }: Row): string {
  return `${dataset}${key}`;
}

/** What BlockDB computes from the raw datasets, and later than them. */
function isDerived(dataset: DatasetId): boolean {
  return dataset > '0200';
}
