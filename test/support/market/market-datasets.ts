/** Datasets of a made-up venue, for tests of what market feeds need of every stage. */
import { type Dataset, parseDataset } from '../../../src/encoding/dataset.ts';
import type { Event, Origin } from '../../../src/model/event.ts';

/** What rows carry as `chain`. */
export const venue = 'venue';
/** Kind of the source. */
export const kind = 'tape';

const column = (name: string, type: unknown) => ({ name, type, doc: `Column ${name}.` });
const basics = [
  column('chain', 'string'),
  column('symbol', 'string'),
  column('event_time', { type: 'long', logicalType: 'timestamp-millis' }),
];

function marketDataset(name: string, ommer: object, columns: readonly object[]): Dataset {
  const schema = {
    type: 'record',
    name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
    namespace: `ommer.${kind}`,
    doc: `Rows of ${name}.`,
    ommer: { feed: 'market', routing: ['symbol'], ...ommer },
    fields: [...basics, ...columns],
  };
  return parseDataset(`${kind}/${name}`, JSON.stringify(schema));
}

/** Trades come again, and may be corrected. */
export const trades = marketDataset(
  'trades',
  {
    identity: ['symbol', 'trade_id'],
    primaryKey: ['symbol', 'trade_id'],
    corrections: true,
  },
  [
    column('trade_id', 'string'),
    column('price', 'string'),
    { ...column('finality', ['null', 'string']), default: null },
    { ...column('order_id', ['null', 'long']), default: null },
  ],
);

/** Books come once; the last one of a symbol counts. */
export const books = marketDataset(
  'books',
  { identity: ['symbol', 'sequence'], primaryKey: ['symbol'], supersedes: true },
  [column('sequence', 'long'), column('price', 'string')],
);

/** One message of the venue: a trade, or a book. */
export interface MarketMessage {
  readonly dataset: 'trades' | 'books';
  readonly symbol: string;
  /** Number of the trade, or of the book in its market. */
  readonly id: number;
  readonly timeMs: number;
  readonly price: string;
  /** The venue says that it takes the place of what it told before. */
  readonly isCorrection?: boolean;
  /** Of a trade. */
  readonly finality?: 'preliminary' | 'final';
  /** Of a trade; not every copy has it. */
  readonly orderId?: number;
}

/** The message's row. */
export function marketEvent(message: MarketMessage): Event {
  const { dataset, symbol, id, timeMs, price, isCorrection = false } = message;
  const { finality = null, orderId = null } = message;
  const own =
    dataset === 'trades' ? { trade_id: String(id), finality, order_id: orderId } : { sequence: id };
  const row = { chain: venue, symbol, event_time: timeMs, ...own, price };
  return { dataset, index: `${symbol}/${id}`, row, timeMs, isCorrection };
}

/** Where rows of a batch come from. */
export const marketOrigin: Origin = {
  chain: venue,
  source: 'perps',
  height: 0,
  blockHash: kind,
  blockTimeMs: 9_000,
  isBackfill: false,
  receivedAtUs: 9_000_000,
};
