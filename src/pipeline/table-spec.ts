/** Which tables the routes of a source keep beside their changelogs. */

/** Of one changelog topic. */
export interface TableSpec {
  readonly changelog: string;
  /** The latest row per primary key; null: not kept. */
  readonly state: StateSpec | null;
  /** Rows of finalized blocks; null: not kept. */
  readonly final: { readonly topic: string; readonly isPartial: boolean } | null;
}

export interface StateSpec {
  readonly topic: string;
  /** It may begin although rows were published without it. */
  readonly isPartial: boolean;
  /** Null: a primary key has one row on a canonical chain. */
  readonly superseding: SupersedingSpec | null;
}

/** Of a dataset whose later rows take the place of earlier ones. */
export interface SupersedingSpec {
  /** Compacted: the newest finalized row per primary key, for a retraction to uncover. */
  readonly covered: string;
  readonly keysMax: number;
}
