/**
 * Sends the messages of channels to connections, each after the faults that strike it: dropped,
 * doubled, held, malformed, cut.
 */
import { type Item, isItem, type Json } from '../../simulator/json.ts';
import { futureKind } from '../chain/kinds/catalogue.ts';
import type { Faults } from '../faults.ts';
import type { HubConnection } from './connection.ts';
import { channelFrame, recordSeparator } from './frames.ts';

/** Types of TzKT messages. */
export const messageType = { state: 0, data: 1, reorg: 2 } as const;

/** A message for each of some connections. */
export interface Delivery {
  readonly connection: HubConnection;
  readonly message: Item;
}

const stranger = { futureMember: { nothing: null, list: [1] } };

/** The way out of the hub. */
export class Outbox {
  readonly #faults: Faults;
  readonly #held: { readonly channel: string; readonly deliveries: readonly Delivery[] }[] = [];

  constructor(faults: Faults) {
    this.#faults = faults;
    faults.onOver(({ name }) => {
      if (name === 'hold') this.#release();
    });
  }

  /**
   * Delivers what a channel has to say of one kind. A fault strikes once for all connections.
   */
  deliver(channel: string, deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    if (this.#faults.has('hold', { channel })) {
      this.#faults.take('hold', { channel });
      this.#held.push({ channel, deliveries });
      return;
    }
    this.#send(channel, deliveries);
  }

  #release(): void {
    for (const { channel, deliveries } of this.#held.splice(0)) this.deliver(channel, deliveries);
  }

  #send(channel: string, deliveries: readonly Delivery[]): void {
    const faults = this.#faults;
    const isData = deliveries[0]?.message['type'] === messageType.data;
    if (faults.take(isData ? 'drop-data' : 'drop-reorg', { channel }) !== undefined) return;
    if (isData) this.#precede(channel, deliveries);
    const changed = isData ? this.#change(channel, deliveries) : deliveries;
    const put = this.#writer(channel);
    for (const { connection, message } of changed) put(connection, channelFrame(channel, message));
    if (!isData || faults.take('duplicate-data', { channel }) === undefined) return;
    for (const { connection, message } of changed) put(connection, channelFrame(channel, message));
  }

  /** What comes before the data. */
  #precede(channel: string, deliveries: readonly Delivery[]): void {
    const isEmptySent = this.#faults.take('empty-data', { channel }) !== undefined;
    const isUnknownSent = this.#faults.take('unknown-message', { channel }) !== undefined;
    const isElsewhere = this.#faults.take('unknown-channel', { channel }) !== undefined;
    for (const { connection, message } of deliveries) {
      const { state } = message;
      if (isElsewhere) connection.send(channelFrame('future_channel', message));
      const empty = { type: messageType.data, data: [], state };
      if (isEmptySent) connection.send(channelFrame(channel, empty));
      if (isUnknownSent) connection.send(channelFrame(channel, { type: 3, state }));
    }
  }

  #change(channel: string, deliveries: readonly Delivery[]): readonly Delivery[] {
    const isAhead = this.#faults.take('state-ahead', { channel }) !== undefined;
    const isBack = this.#faults.take('jump-back', { channel }) !== undefined;
    const isKindUnknown =
      channel === 'operations' && this.#faults.take('unknown-kind', { channel }) !== undefined;
    const isStrange = this.#faults.take('unknown-field', { channel }) !== undefined;
    const shift = (isAhead ? 1 : 0) - (isBack ? 2 : 0);
    return deliveries.map(({ connection, message }) => {
      const shifted = { ...message, state: Number(message['state']) + shift };
      const renamed = isKindUnknown ? withUnknownKind(shifted) : shifted;
      return { connection, message: isStrange ? strange(renamed) : renamed };
    });
  }

  /** How the frames of this delivery are written: as they are, or broken by a fault. */
  #writer(channel: string): (connection: HubConnection, text: string) => void {
    const malformed = this.#faults.take('malformed-frame', { channel });
    if (malformed !== undefined) {
      const { text: replacement } = malformed.request;
      return (connection, text) =>
        connection.send(replacement ?? `${text.slice(0, text.length / 2)}${recordSeparator}`);
    }
    if (this.#faults.take('incomplete-frame', { channel }) !== undefined) {
      return (connection, text) => connection.send(text.slice(0, -1));
    }
    if (this.#faults.take('cut-message', { channel }) !== undefined) {
      return (connection, text) => connection.cut(text);
    }
    return (connection, text) => connection.send(text);
  }
}

function withUnknownKind(message: Item): Item {
  const { data } = message;
  if (!Array.isArray(data)) return message;
  const items = data.map((item: Json, n) =>
    n === 0 && isItem(item) ? { ...item, type: futureKind.type } : item,
  );
  return { ...message, data: items };
}

function strange(message: Item): Item {
  const { data, ...rest } = message;
  const items: Json | undefined = Array.isArray(data)
    ? data.map((item: Json) => (isItem(item) ? { ...item, ...stranger } : item))
    : isItem(data)
      ? { ...data, ...stranger }
      : data;
  return { ...rest, data: items, ...stranger };
}
