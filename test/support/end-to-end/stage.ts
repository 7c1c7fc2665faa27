/**
 * A chain with traffic, Kafka, a registry and a judge, shared by the scenes of one test file. Each scene publishes the
 * same chain, from its own height on, to topics of its own.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anvil, startAnvil } from '../../../src/devnet/anvil.ts';
import { type Devnet, startDevnet } from '../../../src/devnet/devnet.ts';
import { ChainTraffic } from '../../../src/devnet/traffic/chain-traffic.ts';
import { compileOmmer } from '../compiled.ts';
import { endBrokers } from '../end-brokers.ts';
import { joinDevnet } from '../shared-devnet.ts';
import { ChainDriver } from './chain-driver.ts';
import { Judge } from './judge.ts';
import { comparedColumns, nodeHead } from './node-truth.ts';
import { Scene } from './scene.ts';

export interface StageOptions {
  readonly brokers: 1 | 3;
  readonly seed: string;
  /** The client port that brokers tell of: a proxy's. ommer, the judge and the scenes go past it. */
  readonly advertise?: (n: number) => number;
  readonly transactionsPerBlock?: number;
}

export interface SceneOptions {
  readonly name: string;
  readonly delivery?: 'exactly_once' | 'low_latency';
  /** Pause between two steps of the chain; 200 ms by default. */
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
  readonly evm: Pick<Anvil, 'http' | 'ws'>;
  /** Undefined when Kafka and the registry are shared: then nobody may break them. */
  readonly devnet?: Devnet;
  close(): Promise<void>;
}

interface Place {
  readonly directory: string;
  readonly seed: string;
}

/** A running stage. */
export class Stage {
  readonly judge: Judge;
  readonly #parts: Parts;
  readonly #traffic: ChainTraffic;
  readonly #place: Place;
  readonly #scenes: Scene[] = [];

  private constructor(parts: Parts, at: { judge: Judge; traffic: ChainTraffic; place: Place }) {
    this.judge = at.judge;
    this.#parts = parts;
    this.#traffic = at.traffic;
    this.#place = at.place;
  }

  /** With a cluster and a registry of its own. */
  static async open(options: StageOptions): Promise<Stage> {
    const { brokers, seed, transactionsPerBlock = transactionsUsual, advertise } = options;
    const kafka = advertise === undefined ? {} : { advertise };
    const directory = await newDirectory();
    const devnet = await startDevnet({ dataDir: join(directory, 'devnet'), brokers, kafka });
    const parts = {
      brokers: devnet.kafka.brokers.map(({ directAddress }) => directAddress),
      registry: devnet.registry.url,
      evm: devnet.evm,
      devnet,
      close: async () => {
        await endBrokers(devnet.kafka.brokers);
        await devnet.stop();
      },
    };
    return Stage.#prepare(parts, { directory, seed, transactionsPerBlock });
  }

  /** With the broker and the registry that test files share, and a chain of its own. */
  static async join(seed: string): Promise<Stage> {
    const directory = await newDirectory();
    const [shared, evm] = await Promise.all([joinDevnet(), startAnvil({ dataDir: directory })]);
    const { brokers, registry } = shared;
    const close = async (): Promise<void> => {
      await Promise.all([shared.leave(), evm.stop()]);
    };
    const parts = { brokers, registry, evm, close };
    return Stage.#prepare(parts, { directory, seed, transactionsPerBlock: transactionsUsual });
  }

  static async #prepare(
    parts: Parts,
    options: Place & { readonly transactionsPerBlock: number },
  ): Promise<Stage> {
    const { directory, seed, transactionsPerBlock } = options;
    try {
      const judge = await Judge.start({
        brokers: parts.brokers,
        registryUrl: parts.registry,
      });
      const traffic = await ChainTraffic.open({
        url: parts.evm.http,
        seed,
        transactionsPerBlock,
        timestampStepSeconds: 1,
      });
      await traffic.nextBlock();
      return new Stage(parts, { judge, traffic, place: { directory, seed } });
    } catch (error) {
      await parts.close();
      throw error;
    }
  }

  /** What a test breaks. Throws when Kafka and the registry are shared. */
  get devnet(): Devnet {
    if (this.#parts.devnet === undefined) throw new Error('This stage shares its devnet.');
    return this.#parts.devnet;
  }

  /** A new scene, beginning at the node's head. */
  async scene(options: SceneOptions): Promise<Scene> {
    const { name, delivery = 'exactly_once', everyMs = 200 } = options;
    const { height } = await nodeHead(this.#parts.evm.http);
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
      judge: this.judge,
      driver,
      nodeUrl: this.#parts.evm.http,
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
    await this.judge.stop();
    await this.#parts.close();
    // For looking into a failure: logs of ommer, the brokers and the node.
    if (process.env['OMMER_KEEP'] === '1') console.error(`kept ${this.#place.directory}`);
    else await rm(this.#place.directory, { recursive: true, force: true });
  }

  #config(options: SceneOptions, at: { delivery: string; startHeight: number }): string {
    const { brokers, registry, evm } = this.#parts;
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
    http: ["${evm.http}"]
    ws: ["${evm.ws}"]
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

async function newDirectory(): Promise<string> {
  await compileOmmer();
  return mkdtemp(join(tmpdir(), 'ommer-end-to-end-'));
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
