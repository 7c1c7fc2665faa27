/**
 * The hub: connections, subscriptions, and the batches that its channels report. It reads the chain
 * and never changes it.
 */
import type { WebSocket } from 'ws';
import type { Item, Json } from '../../simulator/json.ts';
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Row } from '../chain/table.ts';
import { shownRow } from '../chain/tables.ts';
import type { TezosChain } from '../chain/tezos-chain.ts';
import type { Faults } from '../faults.ts';
import { type Batch, batchOf, type Change } from './batch.ts';
import {
  channelNames,
  type HubLimits,
  type RowChannel,
  rowChannels,
  rowsBetween,
} from './channels.ts';
import { HubConnection, type HubTiming } from './connection.ts';
import { Invocations } from './invocations.ts';
import { type Delivery, messageType, Outbox } from './outbox.ts';
import { everything } from './subscription.ts';

/** What a hub needs. */
export interface HubOptions {
  readonly chain: TezosChain;
  readonly faults: Faults;
  readonly limits: HubLimits;
  readonly timing: HubTiming;
  /** Decides the order in which channels report. */
  readonly random: SeededRandom;
}

/** The hub. */
export class Hub {
  readonly #options: HubOptions;
  readonly #connections = new Set<HubConnection>();
  readonly #invocations: Invocations;
  readonly #outbox: Outbox;
  readonly #skipped = new Set<string>();
  #head: Change;
  #headItem: Item;
  #last: Batch;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.faults);
    this.#head = options.chain.head;
    this.#headItem = options.chain.headItem;
    const { level } = this.#head;
    this.#last = { valid: level, level, isReorg: false };
    this.#invocations = new Invocations({
      ...options,
      state: (channel) => (channel === 'cycles' ? this.#cycle : this.#head.level),
      repeat: (connection, channel) => this.#repeat(connection, channel),
    });
  }

  /** The head that the API process knows; the tables may be ahead of it. */
  get head(): Change {
    return this.#head;
  }

  /** The open connections. */
  get connections(): readonly HubConnection[] {
    return [...this.#connections].filter((connection) => connection.isOpen);
  }

  /** The head as `/v1/head` shows it. */
  get headItem(): Item {
    return this.#headItem;
  }

  /** Takes a socket as a new connection with this id. */
  accept(socket: WebSocket, id: string): void {
    const { timing, faults, limits } = this.#options;
    const connection: HubConnection = new HubConnection(socket, {
      id,
      timing,
      faults,
      onOpen: () => {
        if (this.#connections.size >= limits.connections) {
          return 'Connection closed with an error. HubException: Connections limit exceeded';
        }
        this.#connections.add(connection);
        return undefined;
      },
      onInvocation: (message) => this.#invocations.take(connection, message),
      onGone: () => void this.#connections.delete(connection),
    });
  }

  /** Reports what happened since the last time as one batch; without changes, nothing. */
  report(changes: readonly Change[]): void {
    const { faults, random } = this.#options;
    const isBlind = changes.length > 1 && faults.take('missed-rollback') !== undefined;
    const known = isBlind ? changes.slice(-1) : changes;
    const batch = batchOf(this.#head.level, known);
    const last = changes.at(-1);
    if (batch === undefined || last === undefined) return;
    this.#head = last;
    this.#headItem = this.#options.chain.headItem;
    const [head = 'head', ...others] = channelNames;
    for (const channel of [head, ...random.shuffle(others)]) this.#run(channel, batch);
    this.#last = batch;
  }

  /** A channel that came too late for its batch reports the next one twice instead. */
  #run(channel: string, batch: Batch): void {
    if (this.#options.faults.take('range-twice', { channel }) !== undefined) {
      this.#skipped.add(channel);
      return;
    }
    this.#reportOn(channel, batch);
    if (this.#skipped.delete(channel)) this.#reportOn(channel, batch);
  }

  #reportOn(channel: string, batch: Batch): void {
    if (channel === 'cycles') {
      this.#reportCycle(batch);
      return;
    }
    const subscribed = this.connections.filter((one) => one.subscriptions.has(channel));
    if (batch.isReorg) {
      const message = { type: messageType.reorg, state: batch.valid };
      const deliveries = subscribed.map((connection) => ({ connection, message }));
      this.#outbox.deliver(channel, deliveries);
    }
    this.#outbox.deliver(channel, this.#deliveries(channel, batch, subscribed));
  }

  #deliveries(
    channel: string,
    batch: Batch,
    subscribed: readonly HubConnection[],
  ): readonly Delivery[] {
    const { chain } = this.#options;
    const state = batch.level;
    const toAll = (data: Json): readonly Delivery[] =>
      subscribed.map((connection) => ({
        connection,
        message: { type: messageType.data, data, state },
      }));
    if (channel === 'head') return toAll(this.#headItem);
    if (batch.level <= batch.valid || subscribed.length === 0) return [];
    if (channel === 'blocks') {
      const blocks = rowsBetween(chain.tables, 'blocks', { ...batch, hasLateRows: false });
      return toAll(blocks.map((row) => row.item));
    }
    const definition = rowChannels.find((one) => one.name === channel);
    if (definition === undefined) return [];
    return this.#matches(definition, batch, subscribed);
  }

  #matches(
    channel: RowChannel,
    batch: Batch,
    subscribed: readonly HubConnection[],
  ): readonly Delivery[] {
    const { tables } = this.#options.chain;
    const { hasLateRows, name } = channel;
    const shown = rowsBetween(tables, name, { ...batch, hasLateRows }).map((row) => ({
      row,
      item: shownRow(tables, row),
    }));
    return subscribed.flatMap((connection) => {
      const data = matching(connection, name, shown);
      const message = { type: messageType.data, data, state: batch.level };
      return data.length === 0 ? [] : [{ connection, message }];
    });
  }

  #reportCycle(batch: Batch): void {
    const { chain } = this.#options;
    const cycle = chain.cycle(this.#cycle);
    const delay = batch.level - chain.firstLevelOf(this.#cycle);
    const message = { type: messageType.data, data: cycle, state: this.#cycle };
    const due = this.connections.filter((connection) => connection.cycleDelay === delay);
    this.#outbox.deliver(
      'cycles',
      due.map((connection) => ({ connection, message })),
    );
  }

  /** The data of the last batch once more, to a connection that subscribed in between. */
  #repeat(connection: HubConnection, channel: string): void {
    const again = { ...this.#last, valid: Math.min(this.#last.valid, this.#last.level - 1) };
    this.#outbox.deliver(channel, this.#deliveries(channel, again, [connection]));
  }

  get #cycle(): number {
    return this.#options.chain.cycleOf(this.#head.level);
  }
}

/** The union of the connection's filters; without duplicates, except among accounts. */
function matching(
  connection: HubConnection,
  channel: string,
  shown: readonly { readonly row: Row; readonly item: Item }[],
): readonly Item[] {
  const leaves = connection.subscriptions.get(channel)?.leaves ?? [];
  return shown.flatMap(({ row, item }) => {
    const hits = leaves.filter((leaf) => leaf.matches(item, row));
    if (hits.length === 0) return [];
    const isDouble = channel === 'accounts' && hits.length > 1 && hits.includes(everything);
    return isDouble ? [item, item] : [item];
  });
}
