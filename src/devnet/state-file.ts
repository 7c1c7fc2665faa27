/**
 * The state file of a running devnet: by it any other process finds the addresses. It appears whole
 * or not at all and is gone after a stop; after kill -9 it names a process that is not there.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FatalError } from '../model/errors.ts';
import { isAlive } from './lock.ts';
import { stateFileOf } from './paths.ts';

/** A child process of the devnet. */
export interface ProcessState {
  readonly name: string;
  /** null while it is down. */
  readonly pid: number | null;
  readonly port: number | null;
}

/** The content of devnet.json. A part that was not started is empty or null. */
export interface DevnetState {
  readonly brokers: readonly string[];
  readonly registry: string | null;
  readonly evm: { readonly http: string; readonly ws: string } | null;
  /** Base URL of the TzKT simulator's REST side, its hub, and the id of its chain. */
  readonly tzkt: { readonly http: string; readonly hub: string; readonly chainId: string } | null;
  /** The Basalt simulator: base URL of REST, the block stream, and the id of its chain. */
  readonly basalt: { readonly http: string; readonly ws: string; readonly chainId: number } | null;
  /** The BlockDB simulator: base URL of REST, its stream, the key it accepts, its chain's id. */
  readonly blockdb: {
    readonly http: string;
    readonly ws: string;
    readonly key: string;
    readonly chainId: number;
  } | null;
  /** The 0xArchive simulator: base URL of REST, its sockets, the key it accepts. */
  readonly oxarchive: {
    readonly http: string;
    readonly ws: string;
    /** The second host: live only. */
    readonly streamWs: string;
    readonly key: string;
  } | null;
  /** The process that runs the devnet. */
  readonly pid: number;
  readonly processes: readonly ProcessState[];
  /** Base URL of the control server. */
  readonly control: string;
}

/** Replaces the state file atomically. */
export async function writeState(dataDir: string, state: DevnetState): Promise<void> {
  const file = stateFileOf(dataDir);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Removes the state file if it is there. */
export async function removeState(dataDir: string): Promise<void> {
  await rm(stateFileOf(dataDir), { force: true });
}

/** The state of the running devnet; undefined when none runs in this data directory. */
export async function findState(dataDir: string): Promise<DevnetState | undefined> {
  const text = await readFile(stateFileOf(dataDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as DevnetState;
  return isAlive(state.pid) ? state : undefined;
}

/** The state of the running devnet. Throws `devnet.not_running` when none runs. */
export async function readState(dataDir: string): Promise<DevnetState> {
  const state = await findState(dataDir);
  if (state !== undefined) return state;
  throw new FatalError('devnet.not_running', {
    stage: 'devnet',
    message: `No devnet runs in ${dataDir}. Start one with \`ommer devnet up\`.`,
    context: { dataDir },
  });
}
