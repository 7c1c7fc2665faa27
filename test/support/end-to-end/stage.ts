/**
 * A chain with traffic, Kafka, a registry and a judge, shared by the scenes of one test file. Each
 * scene publishes the same chain, from its own height on, to topics of its own.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Devnet, startDevnet } from '../../../src/devnet/devnet.ts';
import { ChainTraffic } from '../../../src/devnet/traffic/chain-traffic.ts';
import { compileOmmer } from '../compiled.ts';
import { endBrokers } from '../end-brokers.ts';
import { devnetOfRunner } from '../shared-devnet.ts';
import { ChainDriver } from './chain-driver.ts';
import { Judge } from './judge.ts';
import { comparedColumns, nodeHead } from './node-truth.ts';
import { Scene } from './scene.ts';

export interface StageOptions {
  /** Default: the broker that test files share, which nobody may stop; one, in a file that runs alone. */
  readonly brokers?: 1 | 3;
  /** With a registry of its own, which it may restart; default: the one that test files share. */
  readonly ownRegistry?: boolean;
  readonly seed: string;
  /** The client port that brokers tell of: a proxy's. ommer, the judge and the scenes go past it. */
  readonly advertise?: (n: number) => number;
  readonly transactionsPerBlock?: number;
}

export interface SceneOptions {
  readonly name: string;
  readonly delivery?: 'exactly_once' | 'low_latency';
  /** Pause between two steps of the chain; 300 ms by default. */
  readonly everyMs?: number;
  /** Topics that every route keeps beside its changelog; none by default. */
  readonly tables?: readonly ('state' | 'final')[];
  /** Lines of YAML that go into the configuration. */
  readonly kafka?: string;
  readonly publishing?: string;
  /** Routes of the source, as YAML; one Debezium route by default. */
  readonly routes?: string;
}

const chainId = 31_337;
/** Enough for rows of every dataset within a few blocks. */
const transactionsUsual = 10;

/** The parts that a stage plays on. */
interface Parts {
  readonly brokers: readonly string[];
  readonly registry: string;
  readonly judge: Judge;
  /** What is not shared. */
  readonly devnet: Devnet;
  close(): Promise<void>;
}

interface Place {
  readonly directory: string;
  readonly seed: string;
}

/** A running stage. */
export class Stage {
  readonly #parts: Parts;
  readonly #traffic: ChainTraffic;
  readonly #place: Place;
  readonly #scenes: Scene[] = [];

  private constructor(parts: Parts, at: { traffic: ChainTraffic; place: Place }) {
    this.#parts = parts;
    this.#traffic = at.traffic;
    this.#place = at.place;
  }

  /** Starts a chain, and what is not shared of Kafka and the registry. */
  static async open(options: StageOptions): Promise<Stage> {
    const { seed, transactionsPerBlock = transactionsUsual } = options;
    await compileOmmer();
    const directory = await mkdtemp(join(tmpdir(), 'ommer-end-to-end-'));
    const parts = await startParts(join(directory, 'devnet'), options);
    try {
      const traffic = await ChainTraffic.open({
        url: parts.devnet.evm.http,
        seed,
        transactionsPerBlock,
        timestampStepSeconds: 1,
      });
      await traffic.nextBlock();
      return new Stage(parts, { traffic, place: { directory, seed } });
    } catch (error) {
      await parts.close();
      throw error;
    }
  }

  /** What a test may break. Of a shared part there is none in it: to ask for it throws. */
  get devnet(): Devnet {
    return this.#parts.devnet;
  }

  /** Bootstrap addresses past any proxy. */
  get brokers(): readonly string[] {
    return this.#parts.brokers;
  }

  /** A new scene, beginning at the node's head. */
  async scene(options: SceneOptions): Promise<Scene> {
    const { name, delivery = 'exactly_once', everyMs = 300 } = options;
    const { judge, devnet } = this.#parts;
    const { height } = await nodeHead(devnet.evm.http);
    const directory = join(this.#place.directory, name);
    await mkdir(directory, { recursive: true });
    const configFile = join(directory, 'ommer.yaml');
    await writeFile(configFile, this.#config(options, { delivery, startHeight: height }));
    const driver = new ChainDriver({
      traffic: this.#traffic,
      seed: `${this.#place.seed}/${name}`,
      floorHeight: height,
      everyMs,
    });
    const scene = new Scene({
      judge,
      driver,
      nodeUrl: devnet.evm.http,
      directory,
      configFile,
      prefix: name,
      chainName: `eip155-${chainId}`,
      delivery,
      startHeight: height,
    });
    this.#scenes.push(scene);
    return scene;
  }

  /** Ends everything, whatever a failed test has left. */
  async close(): Promise<void> {
    await Promise.all(this.#scenes.map((scene) => scene.abandon()));
    await this.#parts.close();
    // For looking into a failure: logs of ommer, the brokers and the node.
    if (process.env['OMMER_KEEP'] === '1') console.error(`kept ${this.#place.directory}`);
    else await rm(this.#place.directory, { recursive: true, force: true });
  }

  #config(options: SceneOptions, at: { delivery: string; startHeight: number }): string {
    const { brokers, registry, devnet } = this.#parts;
    const { name, kafka: kafkaLines = '', publishing = '', tables = [] } = options;
    const { routes = routesWith(tables) } = options;
    return `
kafka: { brokers: ${JSON.stringify(brokers)}${kafkaLines} }
registry: { url: "${registry}" }
topics: { prefix: ${name}, partitions: 4 }
publishing: { transactionalIdPrefix: ${name}${publishing} }
supervisor: { backoffMinMs: 50, backoffMaxMs: 500 }
http: { port: 0 }
log: { format: json }
sources:
  devnet:
    kind: evm
    chain: "eip155:${chainId}"
    http: ["${devnet.evm.http}"]
    ws: ["${devnet.evm.ws}"]
    start: ${at.startHeight}
    delivery: ${at.delivery}
    blockTimeMs: 200
    rewindConfirmMs: 200
    finality: ${tables.includes('final') ? 'depth' : 'tag'}
    finalityDepth: 24
    routes: ${routes}
`;
  }
}

async function startParts(dataDir: string, options: StageOptions): Promise<Parts> {
  const { brokers, ownRegistry = false, advertise } = options;
  const shared = devnetOfRunner();
  const hasBrokers = brokers !== undefined || shared === undefined;
  const hasRegistry = ownRegistry || shared === undefined;
  const devnet = await startDevnet({
    dataDir,
    brokers: hasBrokers ? (brokers ?? 1) : 0,
    registry: hasRegistry,
    kafka: advertise === undefined ? {} : { advertise },
  });
  const ownBrokers = hasBrokers ? devnet.kafka.brokers : [];
  const place = {
    brokers: hasBrokers ? ownBrokers.map(({ directAddress }) => directAddress) : shared.brokers,
    registryUrl: hasRegistry ? devnet.registry.url : shared.registry,
  };
  const end = async (): Promise<void> => {
    await endBrokers(ownBrokers);
    await devnet.stop();
  };
  const isShared = !hasBrokers && !hasRegistry;
  const judge = await (isShared ? shared.judge() : Judge.start(place)).catch(async (error) => {
    await end();
    throw error;
  });
  const close = async (): Promise<void> => {
    if (!isShared) await judge.stop();
    await end();
  };
  return { brokers: place.brokers, registry: place.registryUrl, judge, devnet, close };
}

/** YAML of the routes of all datasets, each with these tables. */
function routesWith(tables: readonly string[]): string {
  const kept = tables.map((table) => `, ${table}: { enabled: true }`).join('');
  const routes = Object.keys(comparedColumns).map((dataset) => {
    const envelope = dataset === 'token_transfers' ? 'debezium' : 'flat';
    return `${dataset}: { envelope: ${envelope}${kept} }`;
  });
  return `{ ${routes.join(', ')} }`;
}
