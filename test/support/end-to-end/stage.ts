/**
 * A devnet with traffic and a judge, shared by the scenes of one test file. Each scene publishes the
 * same chain, from its own height on, to topics of its own.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Devnet, startDevnet } from '../../../src/devnet/devnet.ts';
import { ChainTraffic } from '../../../src/devnet/traffic/chain-traffic.ts';
import { endBrokers } from '../end-brokers.ts';
import { ChainDriver } from './chain-driver.ts';
import { Judge } from './judge.ts';
import { comparedColumns, nodeHead } from './node-truth.ts';
import { compileOmmer } from './ommer-process.ts';
import { Scene } from './scene.ts';

export interface StageOptions {
  readonly brokers: 1 | 3;
  readonly seed: string;
  readonly transactionsPerBlock?: number;
}

export interface SceneOptions {
  readonly name: string;
  readonly delivery?: 'exactly_once' | 'low_latency';
  /** Pause between two steps of the chain; 120 ms by default. */
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

/** A running stage. */
export class Stage {
  readonly devnet: Devnet;
  readonly judge: Judge;
  readonly #traffic: ChainTraffic;
  readonly #directory: string;
  readonly #seed: string;
  readonly #scenes: Scene[] = [];

  private constructor(
    parts: { devnet: Devnet; judge: Judge; traffic: ChainTraffic },
    place: { directory: string; seed: string },
  ) {
    this.devnet = parts.devnet;
    this.judge = parts.judge;
    this.#traffic = parts.traffic;
    this.#directory = place.directory;
    this.#seed = place.seed;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { brokers, seed, transactionsPerBlock = 10 } = options;
    await compileOmmer();
    const directory = await mkdtemp(join(tmpdir(), 'ommer-end-to-end-'));
    const devnet = await startDevnet({ dataDir: join(directory, 'devnet'), brokers });
    try {
      return await Stage.#prepare(devnet, { directory, seed, transactionsPerBlock });
    } catch (error) {
      await devnet.stop();
      throw error;
    }
  }

  static async #prepare(
    devnet: Devnet,
    options: { directory: string; seed: string; transactionsPerBlock: number },
  ): Promise<Stage> {
    const { directory, seed, transactionsPerBlock } = options;
    const judge = await Judge.start({
      brokers: devnet.kafka.brokers.map(({ directAddress }) => directAddress),
      registryUrl: devnet.registry.url,
      directory: join(directory, 'judge'),
    });
    const traffic = await ChainTraffic.open({
      url: devnet.evm.http,
      seed,
      transactionsPerBlock,
      timestampStepSeconds: 1,
    });
    await traffic.nextBlock();
    return new Stage({ devnet, judge, traffic }, { directory, seed });
  }

  /** A new scene, beginning at the node's head. */
  async scene(options: SceneOptions): Promise<Scene> {
    const { name, delivery = 'exactly_once', everyMs = 120 } = options;
    const { height } = await nodeHead(this.devnet.evm.http);
    const directory = join(this.#directory, name);
    await mkdir(directory, { recursive: true });
    const configFile = join(directory, 'ommer.yaml');
    await writeFile(configFile, this.#config(options, { delivery, startHeight: height }));
    const driver = new ChainDriver({
      traffic: this.#traffic,
      seed: `${this.#seed}/${name}`,
      floorHeight: height,
      everyMs,
    });
    const scene = new Scene({
      judge: this.judge,
      driver,
      nodeUrl: this.devnet.evm.http,
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
    await endBrokers(this.devnet.kafka.brokers);
    await this.devnet.stop();
    // For looking into a failure: logs of ommer, the brokers and the node.
    if (process.env['OMMER_KEEP'] === '1') console.error(`kept ${this.#directory}`);
    else await rm(this.#directory, { recursive: true, force: true });
  }

  #config(options: SceneOptions, at: { delivery: string; startHeight: number }): string {
    const { kafka, registry, evm } = this.devnet;
    const { name, kafka: kafkaLines = '', publishing = '', tables = [] } = options;
    const { routes = routesWith(tables) } = options;
    return `
kafka: { brokers: ${JSON.stringify(kafka.addresses)}${kafkaLines} }
registry: { url: "${registry.url}" }
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

/** YAML of the routes of all datasets, each with these tables. */
function routesWith(tables: readonly string[]): string {
  const kept = tables.map((table) => `, ${table}: { enabled: true }`).join('');
  const routes = Object.keys(comparedColumns).map((dataset) => {
    const envelope = dataset === 'token_transfers' ? 'debezium' : 'flat';
    return `${dataset}: { envelope: ${envelope}${kept} }`;
  });
  return `{ ${routes.join(', ')} }`;
}
