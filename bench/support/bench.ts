/** What a bench is, and the figures it gives. */
import type { Scene } from './scene.ts';

/** One measured value against its budget, if it has one. */
export interface Figure {
  /** What it is, with all that is needed to read it alone. */
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly budget: { readonly atLeast: number } | { readonly atMost: number } | null;
}

/** The result of one bench: the table's lines, and every raw value behind them. */
export interface BenchResult {
  readonly figures: readonly Figure[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** One bench. Several run in one process, one after the other, on one scene. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(scene: Scene): Promise<BenchResult>;
}

/** True or false where there is a budget; null where there is none. */
export function isWithin({ value, budget }: Figure): boolean | null {
  if (budget === null) return null;
  return 'atLeast' in budget ? value >= budget.atLeast : value <= budget.atMost;
}
