/**
 * The configuration of one broker, as the text of its server.properties. Pure.
 */
import { loopback } from './ports.ts';

/** The three listeners of a node. */
export interface BrokerPorts {
  /** Clients. */
  readonly client: number;
  /** Other brokers, and readers that must not go through a fault proxy. */
  readonly internal: number;
  readonly controller: number;
}

/** One node of the cluster. */
export interface BrokerLayout {
  readonly nodeId: number;
  readonly ports: BrokerPorts;
  /** The client port that metadata names: a fault proxy's, or the listener's own. */
  readonly advertisedPort: number;
  readonly logDir: string;
}

/** Settings a test may add or change, by Kafka's own names. */
export type BrokerOverrides = Readonly<Record<string, string | number | boolean>>;

/** The server.properties of `broker` in a cluster of `nodes`. */
export function brokerProperties(
  broker: BrokerLayout,
  nodes: readonly BrokerLayout[],
  overrides: BrokerOverrides,
): string {
  const replicas = nodes.length;
  const inSyncMin = replicas >= 3 ? 2 : 1;
  const properties: BrokerOverrides = {
    'process.roles': 'broker,controller',
    'node.id': broker.nodeId,
    'controller.quorum.voters': nodes
      .map((node) => `${node.nodeId}@${loopback}:${node.ports.controller}`)
      .join(','),
    listeners: listenerList(broker.ports),
    'advertised.listeners': [
      `CLIENT://${loopback}:${broker.advertisedPort}`,
      `INTERNAL://${loopback}:${broker.ports.internal}`,
    ].join(','),
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': broker.logDir,
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSyncMin,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSyncMin,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSyncMin,
    'group.initial.rebalance.delay.ms': 0,
    // A killed broker is noticed within seconds, so that fault tests need not wait for the default 9 s.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // A record twice a second that says nothing makes up half of what an idle broker does.
    'metadata.max.idle.interval.ms': 10_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    ...overrides,
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

function listenerList(ports: BrokerPorts): string {
  return [
    `CLIENT://${loopback}:${ports.client}`,
    `INTERNAL://${loopback}:${ports.internal}`,
    `CONTROLLER://${loopback}:${ports.controller}`,
  ].join(',');
}
