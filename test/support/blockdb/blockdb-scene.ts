/** A blockdb source on a simulator, with a fold at its other end that knows what is canonical. */
import assert from 'node:assert/strict';
import { defaultKey } from '../../../src/devnet/blockdb/access.ts';
import { type BlockdbServer, openBlockdbServer } from '../../../src/devnet/blockdb/server.ts';
import { BlockdbSimulator, type SimulatorOptions } from '../../../src/devnet/blockdb/simulator.ts';
import { until } from '../../../src/devnet/until.ts';
import { blockdbChannels } from '../../../src/sources/blockdb/channels.ts';
import { type BlockdbConfig, blockdbConfig } from '../../../src/sources/blockdb/config.ts';
import { blockdbSource } from '../../../src/sources/blockdb/index.ts';
import type { BlockdbRow } from '../../../src/sources/blockdb/messages.ts';
import type { Source } from '../../../src/sources/source.ts';
import { optionsOf } from '../sources/options.ts';
import { SourceFold } from '../sources/source-fold.ts';
import { QuickClock } from '../tzkt/quick-clock.ts';

export type BlockdbFold = SourceFold<BlockdbRow>;
/** A source and who reads it. */
export interface BlockdbReader {
  readonly fold: BlockdbFold;
  readonly source: Source<BlockdbRow>;
}

export const allDatasets: ReadonlySet<string> = new Set(Object.keys(blockdbChannels));
/** Height of the first block of a scene. */
export const firstHeight = 100;

/** Settings for a local simulator, on a clock that is ten times as fast; anything can be overridden. */
export function testConfig(overrides: Partial<BlockdbConfig>): BlockdbConfig {
  return optionsOf(blockdbConfig, {
    apiKey: defaultKey,
    start: 'earliest',
    identityHeight: firstHeight,
    confirmations: 5,
    settleMs: 300,
    auditIntervalMs: 1_000,
    auditPollMs: 500,
    restLagMaxMs: 200_000,
    // The simulator pings in real time, and handshakes last as long.
    silenceMaxMs: 3_600_000,
    requestTimeoutMs: 5_000,
    retryDelayMs: 50,
    retryDelayMaxMs: 200,
    requestsPerSecondMax: 10_000,
    ...overrides,
  });
}

/** One simulator with its server; `close` must follow. */
export class BlockdbScene {
  readonly simulator: BlockdbSimulator;
  readonly server: BlockdbServer;
  readonly #subscribed = new WeakSet<object>();

  private constructor(simulator: BlockdbSimulator, server: BlockdbServer) {
    this.simulator = simulator;
    this.server = server;
  }

  static async open(options: SimulatorOptions = {}): Promise<BlockdbScene> {
    const simulator = new BlockdbSimulator({ firstHeight, historyBlocks: 12, ...options });
    return new BlockdbScene(simulator, await openBlockdbServer(simulator));
  }

  /** A source with these options, and a reader that has nothing yet. */
  connect(
    overrides: Partial<BlockdbConfig> = {},
    datasets: ReadonlySet<string> = allDatasets,
  ): BlockdbReader {
    const config = testConfig({ ws: [this.server.ws], rest: this.server.http, ...overrides });
    const fold = new SourceFold({
      chain: config.chain,
      channels: blockdbChannels,
      clock: new QuickClock(),
      nameOf: ({ height, hash }) => `${height}:${hash.slice(-4)}`,
    });
    return { fold, source: blockdbSource.connect(config, datasets, fold.runtime) };
  }

  /** Resolves when a session has subscribed to so many datasets: what happens from now on it hears. */
  async subscribed(datasets: number): Promise<void> {
    const connection = await until(
      () =>
        this.simulator.stream.connections.find(
          (each) => each.subscriptions >= datasets && !this.#subscribed.has(each),
        ),
      { timeoutMs: 30_000 },
    );
    assert(connection !== undefined, 'it subscribes');
    this.#subscribed.add(connection);
  }

  /** The newest block is held, and is of the simulator's chain. */
  readonly isAtHead = (fold: BlockdbFold): boolean =>
    fold.chain.tip?.hash === `0x${this.simulator.head.hash}`;

  /** Everything that REST shows is final in the fold, as far as its depth allows. */
  isAudited(fold: BlockdbFold, depth: number): boolean {
    return (
      this.isAtHead(fold) &&
      (fold.chain.finalized?.height ?? -1) >= this.simulator.head.height - depth
    );
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
