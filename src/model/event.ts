/** What normalization produces and encoding turns into records. */

/** What a row is about: a block of a chain, or a market at a time. */
export type Feed = 'chain' | 'market';

/** A value of a row: exactly what the dataset's Avro schema takes. Heights and counters are safe integers. */
export type RowValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly RowValue[]
  | { readonly [key: string]: RowValue };

/** A row of a dataset, by column name. */
export type Row = Readonly<Record<string, RowValue>>;

/** Where the rows of one block (or batch) come from; the same for all of them. */
export interface Origin {
  /** CAIP-2 chain id (`eip155:1`), or a venue's name. */
  readonly chain: string;
  /** Name of the source in the configuration. */
  readonly source: string;
  /** 0 for feeds without blocks. */
  readonly height: number;
  /** Block hash; for feeds without blocks the kind of the source. */
  readonly blockHash: string;
  /** Of a feed without blocks the time of taking it over. */
  readonly blockTimeMs: number;
  readonly isBackfill: boolean;
  readonly receivedAtUs: number;
}

/**
 * One true fact, to be published as an insert. `index` is unique within its dataset and block and
 * deterministic: the same input gives the same `event_id` (`chain/blockHash/dataset/index`). Of a
 * row of market data it is the text of its natural key, whichever way the row was read.
 */
export interface Event {
  readonly dataset: string;
  readonly index: string;
  readonly row: Row;
  /** Record timestamp in milliseconds: the event's own time. */
  readonly timeMs: number;
  /**
   * The venue itself says that the row takes the place of one it told before: where that one is not
   * held any more, this one is not published. Only in datasets with corrections.
   */
  readonly isCorrection?: boolean;
  /** The venue's own handle of the row: beside the row, because it may change without it. */
  readonly tracingId?: string;
}

/** Why rows are taken back, and where the surviving branch leaves the old one. */
export interface Reorg {
  /** Deterministic: `chain/<first lost block's hash>/<incarnation>`. */
  readonly id: string;
  /** Number of blocks taken back. */
  readonly depth: number;
  readonly commonAncestorHeight: number;
  readonly commonAncestorHash: string;
  readonly reason: string;
}

/** The deterministic identity of an event. */
export function eventId(origin: Origin, event: Pick<Event, 'dataset' | 'index'>): string {
  return `${origin.chain}/${origin.blockHash}/${event.dataset}/${event.index}`;
}
