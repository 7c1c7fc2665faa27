/** API keys and what their plans include. */
import type { IncomingMessage } from 'node:http';

/** The limits of a plan. */
export interface Plan {
  readonly name: string;
  /** Of a connection. */
  readonly subscriptionsMax: number;
  readonly connectionsMax: number;
  readonly replaySpeedMax: number;
  /** Days of the past that REST and replay show; also the longest window. */
  readonly historyDaysMax: number;
  readonly requestsPerSecondMax: number;
  readonly hasMempool: boolean;
}

const whole = Number.POSITIVE_INFINITY;

/** The plans of October 2026. */
export const plans = {
  free: planOf('free', { limits: [10, 2, 10, 15], historyDaysMax: 30 }),
  build: planOf('build', { limits: [500, 3, 50, 50] }),
  pro: planOf('pro', { limits: [3000, 5, 100, 150], hasMempool: true }),
  scale: planOf('scale', { limits: [20_000, 16, 300, 500], hasMempool: true }),
  enterprise: planOf('enterprise', { limits: [whole, whole, 1000, 1000], hasMempool: true }),
} as const;

/** Plans by key. */
export type Keys = Readonly<Record<string, Plan>>;

/** The key that a simulator accepts when it was told no others. */
export const defaultKey = '0xa_simulator-key';

/** The key of a request: of a header, else of the URL. */
export function keyOf(request: IncomingMessage, url: URL): string | undefined {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (authorization !== undefined) return /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (typeof apiKey === 'string') return apiKey;
  return url.searchParams.get('apiKey') ?? undefined;
}

/** The plan of a key that is good. */
export function planOfKey(keys: Keys, key: string | undefined): Plan | undefined {
  return key !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined;
}

function planOf(
  name: string,
  {
    limits: [subscriptionsMax, connectionsMax, replaySpeedMax, requestsPerSecondMax],
    historyDaysMax = whole,
    hasMempool = false,
  }: {
    readonly limits: readonly [number, number, number, number];
    readonly historyDaysMax?: number;
    readonly hasMempool?: boolean;
  },
): Plan {
  return {
    name,
    subscriptionsMax,
    connectionsMax,
    replaySpeedMax,
    historyDaysMax,
    requestsPerSecondMax,
    hasMempool,
  };
}
