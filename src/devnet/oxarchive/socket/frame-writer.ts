/** The last step of a live frame: what armed faults do to it, and how it goes to its subscriber. */
import { type Item, isItem } from '../../simulator/json.ts';
import { Failure } from '../failure.ts';
import type { FaultName, Faults } from '../faults.ts';
import { blockAt, blockMs } from '../history/block-time.ts';
import { venues } from '../venues.ts';
import {
  crossed,
  type FrameChange,
  reversed,
  shifted,
  withBadNumber,
  withBulk,
  withoutMember,
  withoutSeq,
  withStranger,
} from './frame-changes.ts';
import { gapFrame, naming } from './frames.ts';
import type { Outlet } from './outlet.ts';
import { type Subscription, symbolOfSubscription } from './subscription.ts';

interface Held {
  readonly subscription: Subscription;
  readonly frame: Item;
}

interface Place {
  readonly channel: string;
  readonly symbol: string;
}

const hourMs = 3_600_000;
const skewDefaultMs = 90_000;

/** Writes frames; without an armed fault the text goes out as it is. */
export class FrameWriter {
  readonly #faults: Faults;
  readonly #nowMs: () => number;
  #held: Held[] = [];
  readonly #lostRows = new WeakMap<Subscription, number>();
  readonly #rowsToRepeat = new Map<Subscription, Item>();

  constructor(faults: Faults, nowMs: () => number) {
    this.#faults = faults;
    this.#nowMs = nowMs;
    faults.onOver(({ name }) => {
      if (name === 'hold') this.#release();
    });
  }

  /** Sends a frame of a subscription, whose text is given. */
  write(subscription: Subscription, frame: Item, text: string): void {
    if (this.#isBehind(subscription, frame)) return;
    if (this.#faults.armed.length === 0 && this.#rowsToRepeat.size === 0) {
      subscription.outlet.send(text);
      return;
    }
    const place = placeOf(subscription);
    if (this.#faults.has('hold', place)) {
      this.#held.push({ subscription, frame });
      return;
    }
    if (!this.#isLost(subscription, frame, place)) this.#write(subscription, frame, place);
  }

  /** Rows of Lighter's trades are dropped while their reader is behind; then it is told of them. */
  #isBehind(subscription: Subscription, frame: Item): boolean {
    const { channel, outlet } = subscription;
    if (!venues[channel.venue].isLighter || channel.kind !== 'trades') return false;
    const lost = this.#lostRows.get(subscription) ?? 0;
    if (outlet.isBehind) {
      this.#lostRows.set(subscription, lost + rowsOf(frame));
      return true;
    }
    if (lost > 0) {
      this.#lostRows.delete(subscription);
      outlet.refuse(dropped(lost, placeOf(subscription)));
    }
    return false;
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const { subscription, frame } of held) {
      this.write(subscription, frame, JSON.stringify(frame));
    }
  }

  /** True when a fault loses the frame, with or without a notice. */
  #isLost(subscription: Subscription, frame: Item, { channel, symbol }: Place): boolean {
    const faults = this.#faults;
    const place = { channel, symbol };
    const { outlet } = subscription;
    if (faults.take('gap', place) !== undefined) return true;
    if (faults.take('drop', place) !== undefined) return true;
    if (faults.take('dropped', place) !== undefined) {
      outlet.refuse(dropped(rowsOf(frame), place));
      return true;
    }
    if (faults.take('gap-frame', place) !== undefined) {
      const toMs = this.#nowMs();
      outlet.sendItem(gapFrame(channel, symbol, { fromMs: toMs - blockMs, toMs }));
      return true;
    }
    if (faults.take('stopped', place) === undefined) return false;
    subscription.end();
    outlet.refuse(
      slowConsumer(
        `Stopped the ${channel} stream for ${symbol}: your connection is too slow to keep up. Re-subscribe to resume.`,
      ),
    );
    return true;
  }

  #write(subscription: Subscription, frame: Item, place: Place): void {
    const faults = this.#faults;
    const { outlet } = subscription;
    if (faults.take('unknown-type', place) !== undefined) {
      outlet.sendItem({ type: 'weather', ...naming(place.channel, place.symbol), data: {} });
    }
    const error = faults.take('error-frame', place);
    if (error !== undefined) {
      outlet.sendItem({
        type: 'error',
        message: 'Simulated',
        error_code: error.request.text ?? 'internal_error',
      });
    }
    let changed = this.#withRepeatedRow(subscription, frame);
    for (const change of this.#changes(subscription, place, frame)) changed = change(changed);
    if (faults.take('duplicate-row', place) !== undefined) this.#remember(subscription, changed);
    this.#transmit(outlet, JSON.stringify(changed), place);
  }

  #changes(subscription: Subscription, place: Place, frame: Item): readonly FrameChange[] {
    const faults = this.#faults;
    const middle = (): number => {
      const { listing } = subscription;
      if (listing === null) return 1;
      const { market, history } = listing;
      return history.path.at(blockAt(this.#nowMs())) / 10 ** market.priceDecimals;
    };
    const makers: readonly (readonly [FaultName, (text?: string, ms?: number) => FrameChange])[] = [
      ['clock-skew', (_text, ms = skewDefaultMs) => shifted(ms)],
      ['future-time', () => shifted(hourMs)],
      ['reorder', () => reversed],
      ['missing-field', (text = 'px') => withoutMember(text)],
      ['bad-number', (text) => withBadNumber(text)],
      ['crossed-book', () => crossed(middle())],
      ['seq-absent', () => withoutSeq],
      ['unknown-field', () => withStranger],
      ['huge-frame', () => withBulk],
    ];
    return makers.flatMap(([name, make]) => {
      if (name === 'crossed-book' && !isCrossable(frame, subscription)) return [];
      const fault = faults.take(name, place);
      return fault === undefined ? [] : [make(fault.request.text, fault.request.delayMs)];
    });
  }

  #transmit(outlet: Outlet, text: string, place: Place): void {
    const faults = this.#faults;
    const malformed = faults.take('malformed-frame', place);
    if (malformed !== undefined) outlet.send(malformed.request.text ?? '{"type":"data",');
    else if (faults.take('truncated-frame', place) !== undefined) {
      outlet.send(text.slice(0, text.length / 2));
    } else if (faults.take('binary-frame', place) !== undefined) {
      outlet.sendBinary(text);
    } else if (faults.take('cut-message', place) !== undefined) outlet.cut(text);
    else {
      outlet.send(text);
      if (faults.take('duplicate-frame', place) !== undefined) outlet.send(text);
    }
  }

  #remember(subscription: Subscription, { data }: Item): void {
    const last: unknown = Array.isArray(data) ? data.at(-1) : undefined;
    if (isItem(last)) this.#rowsToRepeat.set(subscription, last);
  }

  #withRepeatedRow(subscription: Subscription, frame: Item): Item {
    const row = this.#rowsToRepeat.get(subscription);
    const { data } = frame;
    if (row === undefined || !Array.isArray(data)) return frame;
    this.#rowsToRepeat.delete(subscription);
    return { ...frame, data: [row, ...data] };
  }
}

function placeOf(subscription: Subscription): Place {
  return {
    channel: subscription.channel.name,
    symbol: symbolOfSubscription(subscription) ?? '',
  };
}

/** A book with both sides, or changes of one. */
function isCrossable({ type, data }: Item, { channel: { kind } }: Subscription): boolean {
  if (type === 'l4_batch') return kind === 'orderbook_full' || kind === 'l4_diffs';
  const levels = isItem(data) ? data['levels'] : undefined;
  return Array.isArray(levels) && levels.every((side) => Array.isArray(side) && side.length > 0);
}

function rowsOf({ data }: Item): number {
  return Array.isArray(data) ? data.length : 1;
}

function dropped(rows: number, { channel, symbol }: Place): Failure {
  return slowConsumer(
    `Dropped ~${rows} live ${channel} messages for ${symbol}: your connection fell behind the Lighter stream, and those trades were not delivered.`,
  );
}

function slowConsumer(message: string): Failure {
  return new Failure('slow_consumer', message);
}
