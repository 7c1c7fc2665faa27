/**
 * The devnet as a whole: starts its parts side by side, writes the state file, serves the control
 * server, and stops everything again. What it does to the chain (traffic, reorgs) is given to it.
 */
import { resolve } from 'node:path';
import { FatalError } from '../model/errors.ts';
import { type Anvil, type AnvilSettings, startAnvil } from './anvil.ts';
import { type Basalt, type BasaltSettings, startBasalt } from './basalt/basalt.ts';
import { type Blockdb, type BlockdbSettings, startBlockdb } from './blockdb/blockdb.ts';
import { type ControlServer, openControl, type ReorgRequest } from './control.ts';
import { type Kafka, type KafkaOptions, startKafka } from './kafka.ts';
import { type Oxarchive, type OxarchiveSettings, startOxarchive } from './oxarchive/oxarchive.ts';
import { defaultDataDir } from './paths.ts';
import { portsFor } from './ports.ts';
import type { DevnetProcess } from './process.ts';
import { type Registry, startRegistry } from './registry.ts';
import { refused } from './simulator/command.ts';
import { type DevnetState, findState, removeState, writeState } from './state-file.ts';
import { startTzkt, type Tzkt, type TzktSettings } from './tzkt/tzkt.ts';

/** What to start; every part can be left out. */
export interface DevnetOptions {
  /** Default: `.devnet` of the package. One devnet per data directory. */
  readonly dataDir?: string;
  /** Cache of the jars. Default: `.devnet/lib` of the package, whatever the data directory. */
  readonly libDir?: string;
  /** Default 1; 0 = no Kafka. */
  readonly brokers?: 0 | 1 | 3;
  readonly kafka?: Pick<KafkaOptions, 'advertise' | 'jvm' | 'overrides'>;
  /** Default true. */
  readonly registry?: boolean;
  /** Default true; an object sets the chain's behaviour. */
  readonly evm?: boolean | AnvilSettings;
  /** Default false; true or an object simulates TzKT, in this process. */
  readonly tzkt?: boolean | TzktSettings;
  /** Default false; true or an object simulates Basalt, in this process. */
  readonly basalt?: boolean | BasaltSettings;
  /** Default false; true or an object simulates BlockDB, in this process. */
  readonly blockdb?: boolean | BlockdbSettings;
  /** Default false; true or an object simulates 0xArchive, in this process. */
  readonly oxarchive?: boolean | OxarchiveSettings;
  /**
   * Finds topics, schemas and chain of the last run again, if that run had it set too. Default false:
   * each start is from nothing.
   */
  readonly keepData?: boolean;
}

/** Makes a reorganization; what it returns goes to whoever asked, as JSON. */
export type Reorganize = (request: ReorgRequest) => Promise<unknown>;

/** The parts that run; null = left out. */
interface Parts {
  readonly kafka: Kafka | null;
  readonly registry: Registry | null;
  readonly evm: Anvil | null;
  readonly tzkt: Tzkt | null;
  readonly basalt: Basalt | null;
  readonly blockdb: Blockdb | null;
  readonly oxarchive: Oxarchive | null;
}

/**
 * Starts the parts and resolves when all are ready and the state file is written. When it throws
 * (`devnet.start_failed`) nothing is left running.
 */
export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const dataDir = resolve(options.dataDir ?? defaultDataDir);
  const running = await findState(dataDir);
  if (running !== undefined) {
    throw new FatalError('devnet.start_failed', {
      stage: 'devnet',
      message: `A devnet already runs in ${dataDir} (process ${running.pid}). Stop it with \`ommer devnet down\`.`,
      context: { dataDir, pid: running.pid },
    });
  }
  const devnet = new Devnet(dataDir, await startParts(dataDir, options));
  try {
    await devnet.open();
  } catch (error) {
    await devnet.stop();
    throw error;
  }
  return devnet;
}

/** A running devnet. */
export class Devnet {
  readonly dataDir: string;
  /** Resolves when it was stopped, by whomever. */
  readonly stopped: Promise<void>;
  readonly #parts: Parts;
  #resolveStopped: () => void = () => undefined;
  #control: ControlServer | undefined;
  #stopping: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #reorganize: Reorganize = refuseReorg;

  /** Called by `startDevnet` with parts that run. */
  constructor(dataDir: string, parts: Parts) {
    this.dataDir = dataDir;
    this.#parts = parts;
    this.stopped = new Promise((resolveStopped) => {
      this.#resolveStopped = resolveStopped;
    });
  }

  /** The cluster. Throws when this devnet was started without. */
  get kafka(): Kafka {
    return present(this.#parts.kafka, 'Kafka');
  }

  /** The schema registry. Throws when this devnet was started without. */
  get registry(): Registry {
    return present(this.#parts.registry, 'a registry');
  }

  /** The chain. Throws when this devnet was started without. */
  get evm(): Anvil {
    return present(this.#parts.evm, 'a chain');
  }

  /** The TzKT simulator. Throws when this devnet was started without. */
  get tzkt(): Tzkt {
    return present(this.#parts.tzkt, 'TzKT');
  }

  /** The Basalt simulator. Throws when this devnet was started without. */
  get basalt(): Basalt {
    return present(this.#parts.basalt, 'Basalt');
  }

  /** The BlockDB simulator. Throws when this devnet was started without. */
  get blockdb(): Blockdb {
    return present(this.#parts.blockdb, 'BlockDB');
  }

  /** The 0xArchive simulator. Throws when this devnet was started without. */
  get oxarchive(): Oxarchive {
    return present(this.#parts.oxarchive, '0xArchive');
  }

  /** What the state file says now. */
  get state(): DevnetState {
    const { kafka, registry, evm, tzkt, basalt, blockdb, oxarchive } = this.#parts;
    return {
      brokers: kafka?.addresses ?? [],
      registry: registry?.url ?? null,
      evm: evm === null ? null : { http: evm.http, ws: evm.ws },
      tzkt: tzkt === null ? null : { http: tzkt.http, hub: tzkt.hub, chainId: tzkt.chainId },
      basalt:
        basalt === null ? null : { http: basalt.http, ws: basalt.ws, chainId: basalt.chainId },
      blockdb: blockdb === null ? null : addressOf(blockdb),
      oxarchive: oxarchive === null ? null : marketAddressOf(oxarchive),
      pid: process.pid,
      processes: this.#processes().map((child) => ({
        name: child.spec.name,
        pid: child.pid ?? null,
        port: child.spec.port,
      })),
      control: this.#control?.url ?? '',
    };
  }

  /** Sets who makes the reorganizations that the control server is asked for. */
  useReorg(reorganize: Reorganize): void {
    this.#reorganize = reorganize;
  }

  /** Opens the control server and writes the state file; called once by `startDevnet`. */
  async open(): Promise<void> {
    const { control } = await portsFor(this.dataDir, ['control']);
    this.#control = await openControl(control, {
      status: () => this.state,
      broker: (n) => this.#parts.kafka?.brokers.find((broker) => broker.n === n)?.process,
      restartRegistry: (empty) => this.registry.restart({ empty }),
      reorg: (request) => this.#reorganize(request),
      simulator: (name, request) => this.#simulator(name).command(request),
      down: () => void this.stop(),
    });
    await writeState(this.dataDir, this.state);
    for (const child of this.#processes()) child.onChanged(() => this.#save());
  }

  /** Stops every part and removes the state file. Idempotent; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const parts = Object.values(this.#parts);
    await Promise.all([this.#control?.close(), ...parts.map((part) => part?.stop())]);
    await this.#saving;
    await removeState(this.dataDir);
    this.#resolveStopped();
  }

  #simulator(name: string): Pick<Tzkt, 'command'> {
    if (name === 'tzkt') return this.tzkt;
    if (name === 'basalt') return this.basalt;
    if (name === 'blockdb') return this.blockdb;
    if (name === 'oxarchive') return this.oxarchive;
    throw refused(`There is no simulator ${name}.`);
  }

  #save(): Promise<void> {
    if (this.#stopping !== undefined) return Promise.resolve();
    this.#saving = this.#saving.then(() => writeState(this.dataDir, this.state));
    return this.#saving;
  }

  #processes(): readonly DevnetProcess[] {
    const { kafka, registry, evm } = this.#parts;
    const brokers = kafka?.brokers.map((broker) => broker.process) ?? [];
    return [
      ...brokers,
      ...[registry?.process, evm?.process].filter((child) => child !== undefined),
    ];
  }
}

async function startParts(dataDir: string, options: DevnetOptions): Promise<Parts> {
  const { brokers = 1, registry = true, evm = true, keepData = false } = options;
  const { tzkt = false, basalt = false, blockdb = false, oxarchive = false } = options;
  const shared = {
    dataDir,
    keepData,
    ...(options.libDir === undefined ? {} : { libDir: options.libDir }),
  };
  const chain = evm === true ? {} : evm;
  const started = await Promise.allSettled([
    brokers === 0 ? null : startKafka({ ...shared, ...options.kafka, brokers }),
    registry ? startRegistry(shared) : null,
    chain === false ? null : startAnvil({ dataDir, keepData, ...chain }),
    simulated(dataDir, tzkt, startTzkt),
    simulated(dataDir, basalt, startBasalt),
    simulated(dataDir, blockdb, startBlockdb),
    simulated(dataDir, oxarchive, startOxarchive),
  ]);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(started.map((result) => startedPart<Parts[keyof Parts]>(result)?.stop()));
    throw failed.reason;
  }
  const [kafkaPart, registryPart, evmPart, tzktPart, basaltPart, blockdbPart, oxarchivePart] =
    started;
  return {
    kafka: startedPart(kafkaPart),
    registry: startedPart(registryPart),
    evm: startedPart(evmPart),
    tzkt: startedPart(tzktPart),
    basalt: startedPart(basaltPart),
    blockdb: startedPart(blockdbPart),
    oxarchive: startedPart(oxarchivePart),
  };
}

/** Starts a simulator that is wanted, with the settings given if there are any. */
function simulated<Settings extends object, Part>(
  dataDir: string,
  wanted: boolean | Settings,
  start: (dataDir: string, settings?: Settings) => Promise<Part>,
): Promise<Part> | null {
  if (wanted === false) return null;
  return wanted === true ? start(dataDir) : start(dataDir, wanted);
}

function addressOf({ http, ws, key, chainId }: Blockdb): DevnetState['blockdb'] {
  return { http, ws, key, chainId };
}

function marketAddressOf({ http, ws, streamWs, key }: Oxarchive): DevnetState['oxarchive'] {
  return { http, ws, streamWs, key };
}

function startedPart<Part>(result: PromiseSettledResult<Part>): Part | null {
  return result.status === 'fulfilled' ? result.value : null;
}

function present<T>(part: T | null, name: string): T {
  if (part !== null) return part;
  throw refused(`This devnet was started without ${name}.`);
}

function refuseReorg(): Promise<never> {
  return Promise.reject(refused('This devnet has no traffic that could reorganize its chain.'));
}
