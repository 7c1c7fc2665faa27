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
  /** Null: a primary key has one row on a canonical chain, or at a venue. */
  readonly superseding: SupersedingSpec | null;
}

/** Of a dataset whose later rows take the place of earlier ones. */
export interface SupersedingSpec {
  /** Null for market data, whose earlier rows nothing uncovers again. */
  readonly covered: string | null;
  readonly keysMax: number;
}

/** Of one whose earlier rows may be uncovered again. */
export interface CoveredSpec extends SupersedingSpec {
  /** Compacted: the newest finalized row per primary key, for a retraction to uncover. */
  readonly covered: string;
}

/** True where a retraction can make an earlier row the latest again. */
export function isCovering(spec: SupersedingSpec | null): spec is CoveredSpec {
  return spec !== null && spec.covered !== null;
}
