/** Who takes the frames of a made-up 0xArchive into Kafka: `ommer run`, or the bare forwarder. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Topics } from '../../src/publishing/topics.ts';
import { profileArguments, startOmmer } from './ommer-run.ts';
import type { OxarchiveForwarderOrder } from './oxarchive-forwarder.ts';
import { type Load, marketNames } from './oxarchive-frames.ts';
import type { OxarchiveAnswer, OxarchiveDemand, OxarchiveOrder } from './oxarchive-venue.ts';
import type { Scene } from './scene.ts';
import { benchLogger, openStage, type Stage } from './stage.ts';
import { openVenue, type VenueProcess } from './venue-process.ts';

/** What is sent, and the dataset that each load is published as. */
export interface SideOptions {
  readonly markets: number;
  readonly datasets: Readonly<Partial<Record<Load, string>>>;
}

/** A reader of the venue, and what it writes. */
export interface Side {
  readonly pid: number;
  readonly venue: VenueProcess<OxarchiveAnswer>;
  /** Reads topics and their offsets. */
  readonly stage: Stage;
  readonly topics: readonly string[];
  stop(): Promise<void>;
}

const loadsOf = ({ datasets }: SideOptions) => Object.keys(datasets) as readonly Load[];

/** ommer by its command line, in a process of its own, without audits: the venue has no history. */
export async function openOmmerSide(scene: Scene, options: SideOptions): Promise<Side> {
  const venue = await venueOf(options);
  const datasets = Object.values(options.datasets);
  const stage = await openStage(scene, {
    ...{ datasets, delivery: 'low_latency' },
    source: {
      ...{ kind: 'oxarchive', ...venue.answer, apiKey: 'bench', auditIntervalMs: 0 },
      ...{ subscribesPerSecondMax: 10, start: 'latest' },
      markets: marketNames(options.markets).map((name) => `hyperliquid:${name}`),
    },
  });
  const ommer = startOmmer(scene, stage);
  await ommer.logged('session opened');
  return {
    ...{ pid: ommer.pid, venue, stage },
    topics: datasets.map((dataset) => stage.topicOf(dataset)),
    async stop() {
      await ommer.stop();
      venue.close();
      stage.close();
    },
  };
}

/** The forwarder, to topics of the same shape. */
export async function openForwarderSide(scene: Scene, options: SideOptions): Promise<Side> {
  const venue = await venueOf(options);
  const stage = await openStage(scene, { datasets: ['blocks'] });
  const { kafka, topics: settings } = stage.config;
  const prefix = scene.nextPrefix();
  const topics: OxarchiveForwarderOrder['topics'] = Object.fromEntries(
    loadsOf(options).map((load) => [load, `${prefix}.${load}`]),
  );
  const specs = Object.values(topics).map((name) => ({
    ...{ name, kind: 'changelog' as const, config: {} },
    partitions: settings.partitions,
    replicationFactor: settings.replicationFactor,
  }));
  await new Topics(kafka, benchLogger).apply(specs, { grow: false });
  const compiled = fileURLToPath(new URL('compiled.mjs', import.meta.url));
  const child = fork(fileURLToPath(new URL('oxarchive-forwarder.ts', import.meta.url)), [], {
    execArgv: [
      ...profileArguments(scene.options.profileDir),
      ...['--import', 'tsx', '--import', compiled],
    ],
  });
  const { ws } = venue.answer;
  const { markets } = options;
  const order: OxarchiveForwarderOrder = { ws, brokers: kafka.brokers, topics, markets };
  child.send(order);
  await once(child, 'message');
  return {
    ...{ pid: child.pid ?? 0, venue, stage, topics: Object.values(topics) },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
      venue.close();
      stage.close();
    },
  };
}

function venueOf({ markets, ...options }: SideOptions) {
  const order: OxarchiveOrder = { loads: loadsOf({ markets, ...options }), markets };
  return openVenue<OxarchiveOrder, OxarchiveAnswer>('oxarchive-venue', order);
}

/** Tells the side's venue what to send. */
export function demand({ venue }: Side, wanted: OxarchiveDemand): void {
  venue.send(wanted);
}
