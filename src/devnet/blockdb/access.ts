/** API keys and what their plans include. */
import type { IncomingMessage } from 'node:http';
import type { DatasetId } from './chain/datasets.ts';

/** What a key is good for. */
export interface KeyPlan {
  readonly plan?: string;
  readonly isExpired?: boolean;
  /** Default: all. */
  readonly datasets?: readonly DatasetId[];
  /** Connections at the same time; default: any number. */
  readonly connectionsMax?: number;
}

/** Plans by key. */
export type Keys = Readonly<Record<string, KeyPlan>>;

/** The key that a simulator accepts when it was told no others. */
export const defaultKey = 'simulator-key';

/** The key of a request: of its header, else, where allowed, of its URL. */
export function keyOf(request: IncomingMessage, url?: URL): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) return /^Bearer (.+)$/i.exec(header)?.[1];
  return url?.searchParams.get('api_key') ?? undefined;
}

/** The plan of a key that is good. */
export function planOf(keys: Keys, key: string | undefined): KeyPlan | undefined {
  if (key === undefined || !Object.hasOwn(keys, key)) return undefined;
  const plan = keys[key];
  return plan?.isExpired === true ? undefined : plan;
}

/** True when the plan includes the dataset. */
export function includes(plan: KeyPlan, dataset: DatasetId): boolean {
  return plan.datasets?.includes(dataset) ?? true;
}
