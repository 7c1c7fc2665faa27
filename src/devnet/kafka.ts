/**
 * Apache Kafka on loopback: one node or three, each a combined broker and controller (KRaft). Data
 * survives `kill` and `restart` of a broker; each broker can be killed, restarted and paused.
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClassArchive, classArchiveOf, noClassArchive } from './class-archive.ts';
import { jarsOf } from './jars.ts';
import { formatBroker } from './kafka-format.ts';
import { type BrokerLayout, type BrokerOverrides, brokerProperties } from './kafka-properties.ts';
import { resourceDir } from './paths.ts';
import { loopback, portsFor } from './ports.ts';
import { DevnetProcess } from './process.ts';
import { allOf, logMatches, portAccepts } from './ready.ts';

/** What to start. */
export interface KafkaOptions {
  readonly dataDir: string;
  /** Three have replicated topics with `min.insync.replicas=2`. */
  readonly brokers: 1 | 3;
  readonly libDir?: string;
  /** Keeps the log of an earlier run of this data directory; else it is wiped. */
  readonly keepData?: boolean;
  /** The client port that metadata names for broker `n` (from 1): that of a proxy before it. */
  readonly advertise?: (n: number) => number;
  /** Broker settings by Kafka's own names. */
  readonly overrides?: BrokerOverrides;
  /** Default `light`; `shipped` is what Kafka's own scripts say, for measurements. */
  readonly jvm?: keyof typeof jvmOptions;
}

/** A broker: `n` counts from 1. Its process is restarted with its data. */
export interface Broker {
  readonly n: number;
  /** Its client listener: where a proxy forwards to. */
  readonly port: number;
  /** `host:port` past any proxy, for an independent reader. */
  readonly directAddress: string;
  readonly process: DevnetProcess;
}

/** A running cluster. */
export interface Kafka {
  /** Bootstrap addresses, as advertised: through the proxies when there are any. */
  readonly addresses: readonly string[];
  readonly brokers: readonly Broker[];
  /** Ends all brokers; idempotent. */
  stop(): Promise<void>;
}

/** Resolves when every broker serves clients. Nothing is left running when it throws. */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const jars = await jarsOf('kafka', options.libDir);
  const home = join(options.dataDir, 'kafka');
  if (options.keepData !== true) await rm(home, { recursive: true, force: true });
  const layouts = await layOut(options, home);
  const archive = await classArchiveOf(jars);
  const nodes = await Promise.all(
    layouts.map((layout) => prepareBroker(layout, { layouts, options, jars, home, archive })),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.process.stop()));
    if (nodes[0] !== undefined) await archive.keep(nodes[0].process);
  };
  const started = await Promise.allSettled(nodes.map((node) => node.process.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(nodes.map((node) => node.process.kill()));
    throw failed.reason;
  }
  return {
    addresses: layouts.map((layout) => `${loopback}:${layout.advertisedPort}`),
    brokers: nodes,
    stop,
  };
}

async function layOut(options: KafkaOptions, home: string): Promise<readonly BrokerLayout[]> {
  const nodeIds = options.brokers === 3 ? [1, 2, 3] : [1];
  const ports = await portsFor(
    options.dataDir,
    nodeIds.flatMap((n) => [`kafka-${n}`, `kafka-${n}-internal`, `kafka-${n}-controller`]),
  );
  const portOf = (name: string): number => ports[name] ?? 0;
  return nodeIds.map((nodeId) => ({
    nodeId,
    ports: {
      client: portOf(`kafka-${nodeId}`),
      internal: portOf(`kafka-${nodeId}-internal`),
      controller: portOf(`kafka-${nodeId}-controller`),
    },
    advertisedPort: options.advertise?.(nodeId) ?? portOf(`kafka-${nodeId}`),
    logDir: join(home, `node-${nodeId}`),
  }));
}

interface Cluster {
  readonly layouts: readonly BrokerLayout[];
  readonly options: KafkaOptions;
  readonly jars: string;
  readonly home: string;
  readonly archive: ClassArchive;
}

async function prepareBroker(layout: BrokerLayout, cluster: Cluster): Promise<Broker> {
  const { options, jars, home } = cluster;
  const properties = join(home, `node-${layout.nodeId}.properties`);
  const logFile = join(options.dataDir, 'logs', `kafka-${layout.nodeId}.log`);
  await mkdir(layout.logDir, { recursive: true });
  await mkdir(join(options.dataDir, 'logs'), { recursive: true });
  await writeFile(properties, brokerProperties(layout, cluster.layouts, options.overrides ?? {}));
  const isFormatted = await stat(join(layout.logDir, 'meta.properties')).catch(() => undefined);
  // One JVM records the archive; all use it once it is there.
  const isRecorder = layout.nodeId === 1 || cluster.archive.extraGraceMs === 0;
  const archive = isRecorder ? cluster.archive : noClassArchive;
  if (isFormatted === undefined) {
    const { toolOptions } = archive;
    await formatBroker({ jars, javaOptions: toolOptions, properties, logFile, cwd: home });
  }
  return {
    n: layout.nodeId,
    port: layout.ports.client,
    directAddress: `${loopback}:${layout.ports.internal}`,
    process: new DevnetProcess({
      name: `kafka-${layout.nodeId}`,
      command: 'java',
      args: [...archive.options, ...javaOptions(jars, options.jvm), 'kafka.Kafka', properties],
      cwd: home,
      logFile,
      port: layout.ports.client,
      ready: allOf(logMatches(/Kafka Server started/), portAccepts(layout.ports.client)),
      readyTimeoutMs: 90_000,
      stopGraceMs: 5_000 + archive.extraGraceMs,
    }),
  };
}

const jvmOptions = {
  // The C1 compiler alone: half the start-up work, and a devnet is not there to be fast.
  light: ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  shipped: [
    ...['-server', '-Xms1g', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
    ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'],
  ],
} as const;

function javaOptions(jars: string, jvm: KafkaOptions['jvm'] = 'light'): readonly string[] {
  return [
    ...jvmOptions[jvm],
    `-Dlog4j2.configurationFile=${join(resourceDir, 'log4j2.xml')}`,
    '-cp',
    join(jars, '*'),
  ];
}
