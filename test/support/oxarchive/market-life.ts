/**
 * One seeded life of a venue's source: a venue and options that are drawn, faults, cuts, outages, restarts and
 * crashes, a quiet end. Time goes on with the turns of the event loop, as fast as the machine can.
 */
import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { type OxarchiveServer, openOxarchiveServer } from '../../../src/devnet/oxarchive/server.ts';
import { OxarchiveSimulator } from '../../../src/devnet/oxarchive/simulator.ts';
import { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';
import { FatalError } from '../../../src/model/errors.ts';
import type { TimeRange } from '../../../src/sources/oxarchive/archive/archive.ts';
import type { OxarchiveConfig } from '../../../src/sources/oxarchive/config.ts';
import { channelOf } from '../../../src/sources/oxarchive/markets.ts';
import { SimulatedKafka } from '../simulation/kafka.ts';
import { Crash } from '../simulation/publisher.ts';
import { drawFault, lateTrades } from './drawn-faults.ts';
import { type DrawnScene, drawScene, tradeGapMs } from './drawn-scene.ts';
import { HandClock } from './hand-clock.ts';
import { runMarketTask } from './market-task.ts';
import { testConfig } from './oxarchive-scene.ts';
import { TopicJudge } from './topic-judge.ts';

const startMs = Date.parse('2026-10-05T12:00:00Z');
const overlapMs = 12_000;
const stepMs = 100;
/** Turns of the event loop in which everybody does what is due. */
const turns = 3;
const happenings = 10;
/** How far a hole of the archive may reach beyond an outage, to what was live. */
const edgeMs = 5_000;
const faultRate = 0.03;
/** A life takes a few minutes of its own time. */
const lifeMsMax = 3_600_000;

/** Faults after which only an operator goes on: the process is started again. */
const operatorCodes = ['source.key_refused', 'source.credits_spent'];

/** What became of it. */
export interface LivedLife {
  readonly scene: DrawnScene;
  readonly judge: TopicJudge;
  readonly lives: number;
}

/** Throws where the topics say what is not true, at any moment. */
export async function liveMarket(seed: number): Promise<LivedLife> {
  const life = await MarketLife.begin(seed);
  try {
    return await life.live();
  } catch (cause) {
    throw new Error(life.picture, { cause });
  } finally {
    await life.close();
  }
}

class MarketLife {
  readonly #scene: DrawnScene;
  readonly #random: SeededRandom;
  /** Holes of what REST has. */
  readonly #losses: SeededRandom;
  /** Publications always succeed: a process lives for long enough to know what the archive lost. */
  readonly #isSteady: boolean;
  readonly #clock: HandClock;
  readonly #kafka = new SimulatedKafka();
  readonly #simulator: OxarchiveSimulator;
  readonly #server: OxarchiveServer;
  readonly #config: OxarchiveConfig;
  readonly #judge: TopicJudge;
  readonly #due: { readonly atMs: number; end(): void }[] = [];
  #left = happenings;
  #nextAtMs = startMs + 5_000;
  #judged = 0;
  readonly #events: string[] = [];
  #lives = 0;
  /** When all was over; what is up to here must be there. */
  #endMs: number | null = null;
  #stop = new AbortController();

  private constructor(
    seed: number,
    parts: {
      readonly scene: DrawnScene;
      readonly simulator: OxarchiveSimulator;
      readonly server: OxarchiveServer;
      readonly clock: HandClock;
    },
  ) {
    const { scene, simulator, server } = parts;
    this.#scene = scene;
    this.#clock = parts.clock;
    this.#simulator = simulator;
    this.#server = server;
    this.#random = new SeededRandom(`market life ${seed}`);
    this.#losses = new SeededRandom(`market losses ${seed}`);
    this.#isSteady = mayLose(scene) && this.#losses.chance(0.5);
    const { ws, http: rest } = server;
    this.#config = testConfig({ ...limits, ...scene.config, ws, rest });
    const { venue, symbols, datasets, delivery } = scene;
    const depth = scene.config.bookDepth === 'top' ? 'top' : 'full';
    const fromMs = startMs;
    this.#judge = new TopicJudge({
      ...{ simulator, venue, symbols, datasets, delivery, depth, fromMs, overlapMs },
    });
  }

  static async begin(seed: number): Promise<MarketLife> {
    const scene = drawScene(seed);
    const clock = new HandClock(startMs);
    const simulator = new OxarchiveSimulator({
      ...{ seed: `market life ${seed}`, clock, startTimeMs: startMs, sentMax: 0 },
      markets: scene.markets,
      profile: scene.profile,
    });
    const server = await openOxarchiveServer(simulator);
    return new MarketLife(seed, { scene, simulator, server, clock });
  }

  async live(): Promise<LivedLife> {
    while (this.#endMs === null || !this.#isWhole) {
      this.#lives += 1;
      await this.#run();
    }
    this.#judge.assertWhole(this.#endMs);
    return { scene: this.#scene, judge: this.#judge, lives: this.#lives };
  }

  /** What was drawn, what happened and what was said of it, for a failure's message. */
  get picture(): string {
    const { venue, delivery, config } = this.#scene;
    const drawn = `${venue} ${delivery} ${config.bookDepth} ${config.backfill}`;
    return [drawn, ...this.#events, ...this.#judge.words.slice(-40)].join('\n');
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** One life of the process. */
  async #run(): Promise<void> {
    this.#judge.begin();
    this.#stop = new AbortController();
    setMaxListeners(0, this.#stop.signal);
    const { venue, datasets, delivery } = this.#scene;
    // What happens does not depend on how often the process asks for chance.
    const chance = this.#random.fork(`life ${this.#lives}`);
    const random = () => chance.next();
    const [config, clock, kafka] = [this.#config, this.#clock, this.#kafka];
    const isCalm = this.#endMs !== null || this.#isSteady;
    const task = runMarketTask(
      {
        ...{ venue, config, datasets, delivery, clock, kafka, random },
        faultRate: isCalm ? 0 : faultRate,
      },
      this.#stop.signal,
      () => undefined,
    );
    let isOver = false;
    let failure: unknown;
    const ended = task
      .catch((error: unknown) => {
        failure = isExpected(error) ? undefined : error;
      })
      .finally(() => {
        isOver = true;
      });
    try {
      while (!isOver) await this.#turn();
    } finally {
      this.#stop.abort();
      await ended;
    }
    if (failure !== undefined) throw failure;
    this.#read();
  }

  /** A little time passes. */
  async #turn(): Promise<void> {
    this.#clock.move(stepMs);
    const nowMs = this.#clock.nowMs();
    assert.ok(nowMs < startMs + lifeMsMax, 'it did not come to the end');
    this.#simulator.advanceTo(nowMs);
    for (let turn = 0; turn < turns; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#read();
    for (const [at, { atMs, end }] of [...this.#due.entries()].reverse()) {
      if (atMs > nowMs) continue;
      this.#due.splice(at, 1);
      end();
    }
    if (this.#endMs !== null && this.#isWhole) this.#stop.abort();
    else if (nowMs >= this.#nextAtMs) this.#happen(nowMs);
  }

  #read(): void {
    const { journal } = this.#kafka;
    for (const records of journal.slice(this.#judged)) this.#judge.take(records);
    this.#judged = journal.length;
  }

  /** Rows that were dropped without a word are there once they are compared with the archive. */
  get #isWhole(): boolean {
    const { trusted, wholeToMs } = this.#judge;
    const books = this.#scene.hasBooks ? this.#scene.symbols.length : 0;
    return (
      trusted.length >= books && wholeToMs > (this.#endMs ?? Number.POSITIVE_INFINITY) + overlapMs
    );
  }

  #happen(nowMs: number): void {
    this.#left -= 1;
    this.#nextAtMs = nowMs + this.#random.integer(500, 8_000);
    if (this.#left === 0) {
      for (const { end } of this.#due.splice(0)) end();
      this.#simulator.faults.clear();
      this.#endMs = nowMs;
      this.#nextAtMs = Number.POSITIVE_INFINITY;
      // The last life has nothing to fear.
      this.#stop.abort();
      return;
    }
    const dice = this.#left === happenings - 1 ? 0 : this.#random.integer(0, 9);
    if (dice < 5) this.#arm(nowMs);
    else if (dice < 6) this.#cut(nowMs);
    else if (dice < 8) this.#outage(nowMs);
    else {
      this.#note(nowMs, 'restart');
      this.#stop.abort();
    }
  }

  #note(nowMs: number, what: string): void {
    this.#events.push(`${nowMs} ${what}`);
  }

  #arm(nowMs: number): void {
    const { venue, config } = this.#scene;
    const isFirst = this.#left === happenings - 1;
    const scene = { venue, ...config };
    const { request, lastsMs } = isFirst ? lateTrades(scene) : drawFault(scene, this.#random);
    if (isFirst) this.#nextAtMs = nowMs + lastsMs + 1_000;
    const fault = this.#simulator.faults.arm(request);
    this.#note(nowMs, `${JSON.stringify(request)} for ${lastsMs} ms`);
    const end = () => {
      fault.clear();
      // A connection that was half open does not come back to life.
      if (request.name === 'mute') this.#cut(this.#clock.nowMs());
    };
    this.#due.push({ atMs: nowMs + lastsMs, end });
  }

  #cut(nowMs: number): void {
    this.#note(nowMs, 'cut');
    for (const { outlet } of this.#simulator.connections) outlet.kill();
  }

  /** Nothing can be reached; the archive may have lost what happened meanwhile. */
  #outage(nowMs: number): void {
    const { faults } = this.#simulator;
    const lastsMs = this.#random.integer(2_000, 3 * overlapMs);
    const down = [faults.arm({ name: 'upgrade-status', status: 503, times: 0 })];
    if (this.#random.chance(0.5)) down.push(faults.arm({ name: 'rest-status', times: 0 }));
    this.#note(nowMs, `outage of ${lastsMs} ms, ${down.length} down`);
    this.#cut(nowMs);
    this.#loseSome({ fromMs: nowMs, toMs: nowMs + lastsMs });
    const end = () => {
      for (const fault of down) fault.clear();
    };
    this.#due.push({ atMs: nowMs + lastsMs, end });
  }

  /** The archive may never have some of what happened in an outage, and around it. */
  #loseSome({ fromMs, toMs }: TimeRange): void {
    const holeMs = Math.floor((toMs - fromMs) / 2);
    // A shorter one is told by nobody (reference section 6).
    const isTold = isNamed(this.#scene) && holeMs > 1.2 * tradeGapMs;
    if (isTold && this.#random.chance(0.5)) this.#lose({ fromMs, toMs: fromMs + holeMs });
    if (mayLose(this.#scene) && this.#losses.chance(0.5)) {
      const range = {
        fromMs: fromMs - this.#losses.integer(0, edgeMs),
        toMs: this.#losses.integer(fromMs + 1_000, toMs + edgeMs),
      };
      this.#lose(range);
      this.#judge.lose(range);
    }
  }

  #lose({ fromMs, toMs }: TimeRange): void {
    this.#note(this.#clock.nowMs(), `hole of the archive ${fromMs}-${toMs}`);
    this.#simulator.addHole({ venue: this.#scene.venue, kind: 'trades', fromMs, toMs });
  }
}

/** Of a machine that needs some of its clock's seconds for a request. */
const limits = {
  start: startMs,
  overlapMs,
  firstRowWaitMs: 2_000,
  archiveLagMs: 3_000,
  archiveWaitMaxMs: 40_000,
  auditIntervalMs: 8_000,
  rowsPerPage: 300,
  stalledAfterMs: 10_000,
  pingIntervalMs: 10_000,
  subscribesPerSecondMax: 8,
  bookSnapshotEveryMs: 5_000,
  isCompressed: false,
} as const;

function isReplayed({ venue, config }: DrawnScene): boolean {
  return config.backfill === 'replay' && channelOf(venue, 'trades')?.replay === 'timed';
}

/** A replay tells holes of the archive; Lighter's list of recent trades is read instead of one. */
function isNamed(scene: DrawnScene): boolean {
  return isReplayed(scene) && !scene.venue.endsWith('lighter');
}

/** REST tells none: what is read from it may lack some. Lighter's list of recent trades has them all the same. */
function mayLose(scene: DrawnScene): boolean {
  return !isReplayed(scene) && !scene.venue.endsWith('lighter');
}

function isExpected(error: unknown): boolean {
  if (error instanceof Crash) return true;
  return error instanceof FatalError && operatorCodes.includes(error.code);
}
