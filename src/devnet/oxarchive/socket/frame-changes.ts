/** Changes that faults make to a frame: pure, frame in and frame out. */
import { type Item, isItem, type Json } from '../../simulator/json.ts';

/** A change of a frame. */
export type FrameChange = (frame: Item) => Item;

const numberNames = ['px', 'price', 'limit_price', 'markPx', 'openInterest'] as const;
const timeNames: ReadonlySet<string> = new Set(['time', 'timestamp', 'received_at_ms']);
const stranger = { flavor: 'strange', nested: { deep: [1, null] } };

/** The frame and its rows have a member that nobody knows. */
export function withStranger(frame: Item): Item {
  return { ...onRows((row) => ({ ...row, ...stranger }))(frame), ...stranger };
}

/** A member of 30 MB that nobody knows. */
export function withBulk(frame: Item): Item {
  return { ...frame, padding: 'x'.repeat(30_000_000) };
}

/** The rows in reverse order. */
export function reversed(frame: Item): Item {
  const { data } = frame;
  return Array.isArray(data) ? { ...frame, data: [...data].reverse() } : frame;
}

/** Without a member, wherever it is in the rows. */
export function withoutMember(name: string): FrameChange {
  return (frame) => ({ ...frame, data: dropped(frame['data'] ?? null, name) });
}

/** The first number of the rows is none. */
export function withBadNumber(name?: string): FrameChange {
  return (frame) => {
    const names = name === undefined ? numberNames : [name];
    const data = frame['data'] ?? null;
    for (const one of names) {
      const state = { isDone: false };
      const changed = replaced(data, one, state);
      if (state.isDone) return { ...frame, data: changed };
    }
    return frame;
  };
}

/** All times of the rows are so much later. */
export function shifted(byMs: number): FrameChange {
  const shift = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(shift);
    if (!isItem(value)) return value;
    return mapped(value, (member, name) =>
      timeNames.has(name) && typeof member === 'number' ? member + byMs : shift(member),
    );
  };
  return (frame) => ({ ...frame, data: shift(frame['data'] ?? null) });
}

/** Rows without their number within the block. */
export function withoutSeq(frame: Item): Item {
  return onRows(({ seq: _seq, ...row }) => row)(frame);
}

/** The best bid is above the best ask; a batch gets a row that makes it so. */
export function crossed(middle: number): FrameChange {
  return (frame) => {
    const { data, type } = frame;
    if (type === 'l4_batch' && Array.isArray(data)) {
      const last = data.at(-1);
      return isItem(last) ? { ...frame, data: [...data, crossingRow(last, middle * 1.02)] } : frame;
    }
    if (!isItem(data) || !Array.isArray(data['levels'])) return frame;
    const [bids, asks] = data['levels'];
    const [bid, ask] = [bids?.[0], asks?.[0]];
    if (bid === undefined || ask === undefined) return frame;
    const levels = [
      [{ ...bid, px: ask.px }, ...bids.slice(1)],
      [{ ...ask, px: bid.px }, ...asks.slice(1)],
    ];
    return { ...frame, data: { ...data, levels } };
  };
}

function crossingRow(row: Item, price: number): Item {
  if (row['bn'] !== undefined) return { ...row, side: 'B', px: price, sz: 1, n: 1 };
  const seq = Number(row['seq'] ?? 0) + 1;
  const order = { oid: 999_999_999_999, side: 'B', price, diff_type: 'new', new_size: 1 };
  return { ...row, seq, ...order, insert_before: null };
}

function onRows(change: (row: Item) => Item): FrameChange {
  return (frame) => {
    const { data } = frame;
    if (Array.isArray(data)) {
      return { ...frame, data: data.map((row: Json) => (isItem(row) ? change(row) : row)) };
    }
    return isItem(data) ? { ...frame, data: change(data) } : frame;
  };
}

function dropped(value: Json, name: string): Json {
  if (Array.isArray(value)) return value.map((one) => dropped(one, name));
  if (!isItem(value)) return value;
  const { [name]: _dropped, ...rest } = value;
  return mapped(rest, (member) => dropped(member, name));
}

function replaced(value: Json, name: string, state: { isDone: boolean }): Json {
  if (Array.isArray(value)) return value.map((one) => replaced(one, name, state));
  if (!isItem(value)) return value;
  return mapped(value, (member, key) => {
    if (state.isDone) return member;
    if (key !== name) return replaced(member, name, state);
    state.isDone = true;
    return 'NaN';
  });
}

function mapped(item: Item, change: (member: Json, name: string) => Json): Item {
  const changed: Record<string, Json> = {};
  for (const [name, member] of Object.entries(item)) {
    if (member !== undefined) changed[name] = change(member, name);
  }
  return changed;
}
