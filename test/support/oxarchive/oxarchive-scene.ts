/** An oxarchive source on a simulator whose markets live by the source's clock, and a reader of it. */
import { defaultKey } from '../../../src/devnet/oxarchive/access.ts';
import { type OxarchiveServer, openOxarchiveServer } from '../../../src/devnet/oxarchive/server.ts';
import {
  OxarchiveSimulator,
  type SimulatorOptions,
} from '../../../src/devnet/oxarchive/simulator.ts';
import { type OxarchiveConfig, oxarchiveConfig } from '../../../src/sources/oxarchive/config.ts';
import type { OxarchiveMessage } from '../../../src/sources/oxarchive/messages.ts';
import { OxarchiveSource } from '../../../src/sources/oxarchive/oxarchive-source.ts';
import type { Source } from '../../../src/sources/source.ts';
import { optionsOf } from '../sources/options.ts';
import { QuickClock } from '../tzkt/quick-clock.ts';
import { MarketFold } from './market-fold.ts';

/** A source and who reads it. */
export interface OxarchiveReader {
  readonly fold: MarketFold;
  readonly source: Source<OxarchiveMessage>;
}

/** How often the markets come up to the clock. */
const tickMs = 10;

/** Settings for a local simulator on a clock that is ten times as fast; anything can be overridden. */
export function testConfig(overrides: Partial<OxarchiveConfig>): OxarchiveConfig {
  return optionsOf(oxarchiveConfig, {
    markets: ['hyperliquid:BTC', 'hyperliquid:ETH'],
    apiKey: defaultKey,
    overlapMs: 40_000,
    firstRowWaitMs: 2_000,
    // A row that is read late is no row that was dropped: one second of a loaded machine.
    archiveLagMs: 10_000,
    archiveWaitMaxMs: 120_000,
    auditIntervalMs: 15_000,
    // The simulator pings in real time, and handshakes last as long.
    silenceMaxMs: 3_600_000,
    requestTimeoutMs: 5_000,
    subscribesPerSecondMax: 1,
    retryDelayMs: 50,
    retryDelayMaxMs: 2_000,
    concurrency: 8,
    requestsPerSecondMax: 10_000,
    ...overrides,
  });
}

/** One simulator with its server; `close` must follow. */
export class OxarchiveScene {
  readonly clock: QuickClock;
  readonly simulator: OxarchiveSimulator;
  readonly server: OxarchiveServer;
  readonly #ticker: NodeJS.Timeout;

  private constructor(clock: QuickClock, simulator: OxarchiveSimulator, server: OxarchiveServer) {
    this.clock = clock;
    this.simulator = simulator;
    this.server = server;
    this.#ticker = setInterval(() => simulator.advanceTo(clock.nowMs()), tickMs);
  }

  static async open(options: SimulatorOptions = {}): Promise<OxarchiveScene> {
    const clock = new QuickClock();
    const simulator = new OxarchiveSimulator({
      startTimeMs: clock.nowMs(),
      clock,
      ...options,
      profile: { archiveLagMs: 500, ...options.profile },
    });
    return new OxarchiveScene(clock, simulator, await openOxarchiveServer(simulator));
  }

  /** A source with these options, and a reader that has nothing yet. */
  connect(
    overrides: Partial<OxarchiveConfig> = {},
    datasets: readonly string[] = ['trades'],
  ): OxarchiveReader {
    const { ws, http: rest } = this.server;
    const wanted = new Set(datasets);
    const fold = new MarketFold(this.clock, wanted);
    const config = testConfig({ ws, rest, ...overrides });
    return { fold, source: new OxarchiveSource(config, wanted, fold.runtime) };
  }

  close(): Promise<void> {
    clearInterval(this.#ticker);
    return this.server.close();
  }
}
