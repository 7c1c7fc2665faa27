/**
 * Drives a devnet that another process runs: finds it by its state file, asks its control server.
 */
import { FatalError } from '../model/errors.ts';
import type { ReorgRequest } from './control.ts';
import { defaultDataDir } from './paths.ts';
import { type DevnetState, findState, readState } from './state-file.ts';
import { until } from './until.ts';

/** What can be done to a broker: kill = SIGKILL, pause = SIGSTOP, resume = SIGCONT. */
export type BrokerAction = 'kill' | 'restart' | 'pause' | 'resume';

/** A devnet of another process. Every call throws `devnet.request_refused` when it is refused. */
export interface DevnetClient {
  /** Addresses and processes as they are now. */
  status(): Promise<DevnetState>;
  /** Resolves when it is done: after a restart the broker serves clients. `n` counts from 1. */
  actOnBroker(n: number, action: BrokerAction): Promise<DevnetState>;
  restartRegistry(options: { readonly empty: boolean }): Promise<DevnetState>;
  /** The answer of whoever makes the reorganizations. */
  reorg(request: ReorgRequest): Promise<unknown>;
  /** Asks a simulator; what it can be asked is in the `command.ts` of its folder. */
  commandSimulator(name: string, request: unknown): Promise<unknown>;
  /** Resolves when everything is stopped. */
  down(): Promise<void>;
}

const downTimeoutMs = 30_000;
const requestTimeoutMs = 120_000;

/** Throws `devnet.not_running` when no devnet runs in the data directory. */
export async function connectDevnet(dataDir: string = defaultDataDir): Promise<DevnetClient> {
  const { control } = await readState(dataDir);
  const post = (path: string, body?: unknown): Promise<unknown> =>
    ask(`${control}${path}`, { method: 'POST', body: JSON.stringify(body ?? {}) });
  return {
    status: async () => (await ask(`${control}/status`, { method: 'GET' })) as DevnetState,
    actOnBroker: async (n, action) => (await post(`/kafka/${n}/${action}`)) as DevnetState,
    restartRegistry: async ({ empty }) =>
      (await post(`/registry/restart?empty=${empty}`)) as DevnetState,
    reorg: (request) => post('/reorg', request),
    commandSimulator: (name, request) => post(`/simulators/${name}`, request),
    down: async () => {
      await post('/down');
      await waitUntilDown(dataDir);
    },
  };
}

async function waitUntilDown(dataDir: string): Promise<void> {
  const isDown = await until(
    async () => ((await findState(dataDir)) === undefined ? true : undefined),
    { timeoutMs: downTimeoutMs },
  );
  if (isDown) return;
  throw new FatalError('devnet.request_refused', {
    stage: 'devnet',
    message: `The devnet in ${dataDir} has not stopped within ${downTimeoutMs / 1000} s.`,
  });
}

async function ask(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) });
  } catch (cause) {
    throw new FatalError('devnet.not_running', {
      stage: 'devnet',
      message: `The devnet's control server at ${url} does not answer.`,
      cause,
    });
  }
  const body = (await response.json()) as { message?: string } | null;
  if (response.ok) return body;
  throw new FatalError('devnet.request_refused', {
    stage: 'devnet',
    message: body?.message ?? `The devnet answered ${response.status}.`,
  });
}
