/**
 * One broker and one registry for all test files that neither stop nor reconfigure them: a start
 * costs seconds, and a broker that is warm works faster. A file keeps to topics, transactional ids and
 * groups with names of its own. The runner starts it; a file that runs alone starts one for itself.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevnet } from '../../src/devnet/devnet.ts';
import { loopback, portsFor } from '../../src/devnet/ports.ts';
import { Judge } from './end-to-end/judge.ts';

/** Where the parts are, as JSON in the environment of a file that the runner starts. */
export interface SharedPlace {
  /** Bootstrap addresses where everything is permitted. */
  readonly brokers: readonly string[];
  /** The same broker, where the user `ommer` may do what it was granted. */
  readonly securedBrokers: readonly string[];
  /** A fault proxy opened here is what clients of `behindProxy` are told to connect to. */
  readonly proxyPort: number;
  readonly behindProxy: number;
  readonly registry: string;
  readonly dataDir: string;
}

export interface SharedDevnet extends SharedPlace {
  /** The reader of its topics, started when first asked for; ends with the devnet or this process. */
  judge(): Promise<Judge>;
  /** Ends it if this file has started it. */
  leave(): Promise<void>;
}

const variable = 'OMMER_TEST_DEVNET';

/** A JVM costs seconds: the files that one process runs have one. */
let judgeOfRunner: Promise<Judge> | undefined;

/** What the runner has started; undefined for a file that runs alone. */
export function devnetOfRunner(): SharedDevnet | undefined {
  const told = process.env[variable];
  if (told === undefined) return undefined;
  const place = JSON.parse(told) as SharedPlace;
  const judge = (): Promise<Judge> => {
    judgeOfRunner ??= judgeAt(place);
    return judgeOfRunner;
  };
  return { ...place, judge, leave: () => Promise.resolve() };
}

/** What the runner has started, or else a devnet of this file. */
export async function joinDevnet(): Promise<SharedDevnet> {
  const shared = devnetOfRunner();
  if (shared !== undefined) return shared;
  const { leave, ...place } = await startSharedDevnet();
  let own: Promise<Judge> | undefined;
  return {
    ...place,
    judge: () => {
      own ??= judgeAt(place);
      return own;
    },
    leave: async () => {
      await (await own)?.stop();
      await leave();
    },
  };
}

function judgeAt({ brokers, registry: registryUrl }: SharedPlace): Promise<Judge> {
  return Judge.start({ brokers, registryUrl });
}

/** Starts it in a temporary directory, which `leave` removes. */
export async function startSharedDevnet(): Promise<Omit<SharedDevnet, 'judge'>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ommer-shared-'));
  // The very ports that the broker gets afterwards, because they are kept for the data directory.
  const ports = await portsFor(dataDir, portNames);
  const proxyPort = await portNobodyTakes();
  const devnet = await startDevnet({
    dataDir,
    evm: false,
    kafka: { overrides: { ...security, ...transactions, ...listeners(ports, proxyPort) } },
  });
  return {
    brokers: devnet.kafka.brokers.map(({ directAddress }) => directAddress),
    securedBrokers: devnet.kafka.addresses,
    proxyPort,
    behindProxy: ports['behind-proxy'],
    registry: devnet.registry.url,
    dataDir,
    leave: async () => {
      await devnet.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const security = {
  'listener.security.protocol.map':
    'CLIENT:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.client.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_ommer="open sesame";',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
  'allow.everyone.if.no.acl.found': false,
};

/** Kafka looks for expired transactions every 10 s by default: too long for a test. */
const transactions = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': 300 };

const portNames = ['kafka-1', 'kafka-1-internal', 'kafka-1-controller', 'behind-proxy'] as const;
type Ports = Readonly<Record<(typeof portNames)[number], number>>;

function listeners(ports: Ports, proxyPort: number) {
  const at = (name: string, port: number): string => `${name}://${loopback}:${port}`;
  const own = [at('CLIENT', ports['kafka-1']), at('INTERNAL', ports['kafka-1-internal'])];
  const proxied = at('PROXIED', ports['behind-proxy']);
  const controller = at('CONTROLLER', ports['kafka-1-controller']);
  return {
    listeners: [...own, proxied, controller].join(','),
    'advertised.listeners': [...own, at('PROXIED', proxyPort)].join(','),
  };
}

/** Below the range of devnets: it stays free while no proxy is open. */
async function portNobodyTakes(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 7_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, loopback, () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
