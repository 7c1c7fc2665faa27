/**
 * An EVM chain on loopback: the anvil binary, spawned directly, because its JavaScript wrapper can
 * leave it orphaned.
 */

import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FatalError } from '../model/errors.ts';
import { loopback, portsFor } from './ports.ts';
import { DevnetProcess } from './process.ts';
import { allOf, logMatches, portAccepts } from './ready.ts';

/** How the chain behaves; what is missing is anvil's own default. */
export interface AnvilSettings {
  readonly chainId?: number;
  /** Seconds between blocks; without it each transaction is mined at once in a block of its own. */
  readonly blockTime?: number;
  /** Mines only when told to; excludes `blockTime`. */
  readonly noMining?: boolean;
  /** `finalized` is two epochs of this many blocks behind the head. */
  readonly slotsInAnEpoch?: number;
  /** Unix seconds of the genesis block: makes hashes reproducible. */
  readonly timestamp?: number;
  /** The ten funded accounts come from it. */
  readonly mnemonic?: string;
  /** A seed for the accounts' mnemonic, instead of a mnemonic. */
  readonly mnemonicSeed?: number;
  /** A fixed port; else a free one, kept for the data directory. */
  readonly port?: number;
}

/** What to start. */
export interface AnvilOptions extends AnvilSettings {
  readonly dataDir: string;
  /** Keeps the chain over restarts, on disk. Without it a restarted chain is a new chain. */
  readonly keepData?: boolean;
}

/** A running chain. */
export interface Anvil {
  readonly http: string;
  readonly ws: string;
  readonly chainId: number;
  readonly process: DevnetProcess;
  stop(): Promise<void>;
}

const defaultChainId = 31_337;

/** Resolves when the chain answers. Nothing is left running when it throws. */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const home = join(options.dataDir, 'anvil');
  if (options.keepData !== true) await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const port = options.port ?? (await portsFor(options.dataDir, ['evm'])).evm;
  const chainId = options.chainId ?? defaultChainId;
  const child = new DevnetProcess({
    name: 'anvil',
    command: anvilBinary(),
    args: anvilArguments(options, { port, chainId, home }),
    cwd: home,
    logFile: join(options.dataDir, 'logs', 'anvil.log'),
    port,
    ready: allOf(logMatches(/Listening on \S+:\d+/), portAccepts(port)),
    readyTimeoutMs: 30_000,
    stopGraceMs: 5_000,
  });
  await child.start();
  return {
    http: `http://${loopback}:${port}`,
    ws: `ws://${loopback}:${port}`,
    chainId,
    process: child,
    stop: () => child.stop(),
  };
}

/** The binary of the platform's optional package; throws `devnet.start_failed` when it is missing. */
export function anvilBinary(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const system = process.platform;
  const path = `@foundry-rs/anvil-${system}-${architecture}/bin/anvil`;
  // The platform package is a dependency of the wrapper, so it is resolved from there.
  const wrapper = createRequire(
    createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'),
  );
  try {
    return wrapper.resolve(path);
  } catch (cause) {
    throw new FatalError('devnet.start_failed', {
      stage: 'devnet',
      message: `No anvil for ${system} ${architecture}: ${path} is not installed. Install with optional dependencies.`,
      cause,
    });
  }
}

interface AnvilPlace {
  readonly port: number;
  readonly chainId: number;
  readonly home: string;
}

function anvilArguments(options: AnvilOptions, place: AnvilPlace): readonly string[] {
  const flag = (name: string, value: string | number | undefined): readonly string[] =>
    value === undefined ? [] : [name, String(value)];
  return [
    ...['--host', loopback, '--port', String(place.port), '--chain-id', String(place.chainId)],
    ...flag('--block-time', options.blockTime),
    ...(options.noMining === true ? ['--no-mining'] : []),
    ...flag('--slots-in-an-epoch', options.slotsInAnEpoch),
    ...flag('--timestamp', options.timestamp),
    ...flag('--mnemonic', options.mnemonic),
    ...flag('--mnemonic-seed-unsafe', options.mnemonicSeed),
    ...(options.keepData === true
      ? ['--state', join(place.home, 'state.json'), '--preserve-historical-states']
      : []),
  ];
}
