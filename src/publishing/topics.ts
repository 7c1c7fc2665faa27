/**
 * Topics in Kafka: what is there, what differs from the plan, and the creation of what is missing.
 * Existing topics are never altered, except that partitions are added when that is asked for.
 */
import type { Admin } from 'kafkajs';
import { TransientError } from '../model/errors.ts';
import type { Logger } from '../model/runtime.ts';
import { createKafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-error.ts';
import { topicResource } from './kafkajs-internals.ts';
import type { KafkaSettings } from './settings.ts';
import {
  differences,
  type ExistingTopic,
  type TopicDifference,
  type TopicSpec,
} from './topic-plan.ts';
import { whenKnown } from './when-known.ts';

/** What `applyTopics` may do. */
export interface ApplyOptions {
  /** Adds partitions to topics that have too few. */
  readonly grow: boolean;
}

/** Somebody waits for the answer, and a run has not begun yet. */
const connectMsMax = 15_000;

/** Reads and creates topics of one cluster, with one short-lived connection per call. */
export class Topics {
  readonly #settings: KafkaSettings;
  readonly #logger: Logger;

  constructor(settings: KafkaSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  /** How the topics differ from what is desired; empty when all is as it should be. */
  plan(desired: readonly TopicSpec[]): Promise<TopicDifference[]> {
    return this.#withAdmin('read topics', (admin) => plan(admin, desired));
  }

  /**
   * Creates what is missing (somebody else may be doing the same), grows what may grow, and returns
   * the differences that remain. Resolves when the new topics have leaders.
   */
  apply(desired: readonly TopicSpec[], options: ApplyOptions): Promise<TopicDifference[]> {
    return this.#withAdmin('create topics', async (admin) => {
      const found = await plan(admin, desired);
      const missing = desired.filter((spec) => has(found, spec, 'missing'));
      const small = desired.filter((spec) => options.grow && isSmall(found, spec));
      if (missing.length > 0) await create(admin, missing, { validateOnly: false });
      if (small.length > 0) await grow(admin, small);
      if (missing.length + small.length === 0) return found;
      return whenKnown('the new topics', async () => {
        const remaining = await plan(admin, desired);
        const isKnown = ![...missing, ...small].some((spec) => isPending(remaining, spec));
        return isKnown ? remaining : null;
      });
    });
  }

  /** Creates nothing, but throws what creating these topics would. */
  async tryCreate(missing: readonly TopicSpec[]): Promise<void> {
    const validateOnly = { validateOnly: true };
    await this.#withAdmin('create topics', (admin) => create(admin, missing, validateOnly));
  }

  /** Partitions of these topics, which exist: waits for a broker that has not heard of one yet. */
  partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#withAdmin('read topics', (admin) =>
      whenKnown(`the topics ${topics.join(', ')}`, async () => {
        const existing = await describe(admin, topics);
        if (existing.length < topics.length) return null;
        return new Map(existing.map(({ name, partitions }) => [name, partitions]));
      }),
    );
  }

  /** Partitions of each topic that exists; topics that do not are left out. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#withAdmin('read topics', async (admin) => {
      const existing = await describe(admin, topics);
      return new Map(existing.map(({ name, partitions }) => [name, partitions]));
    });
  }

  async #withAdmin<T>(action: string, use: (admin: Admin) => Promise<T>): Promise<T> {
    const client = createKafkaClient(this.#settings, this.#logger);
    const admin = client.admin();
    const brokers = this.#settings.brokers.join(', ');
    // An address that swallows everything would be tried again and again.
    const late = AbortSignal.timeout(connectMsMax);
    const giveUp = (): void => client.kill();
    let isConnected = false;
    late.addEventListener('abort', giveUp, { once: true });
    try {
      await admin.connect();
      isConnected = true;
      late.removeEventListener('abort', giveUp);
      return await use(admin);
    } catch (error) {
      if (late.aborted && !isConnected) throw unreachable(brokers, client.lastTrouble(), error);
      throw kafkaError(error, {
        action: `${action} at ${brokers}`,
        lastTrouble: client.lastTrouble(),
      });
    } finally {
      late.removeEventListener('abort', giveUp);
      client.kill();
      await admin.disconnect();
    }
  }
}

function unreachable(brokers: string, trouble: string | null, cause: unknown): TransientError {
  const reported = trouble === null ? '' : ` The client last reported: ${trouble}.`;
  return new TransientError('kafka.unreachable', {
    stage: 'publishing',
    message: `No broker of ${brokers} answered within ${connectMsMax} ms.${reported} Check that the brokers run, kafka.brokers, TLS settings, and the advertised listeners.`,
    cause,
    context: { brokers },
  });
}

async function plan(admin: Admin, desired: readonly TopicSpec[]): Promise<TopicDifference[]> {
  const names = desired.map(({ name }) => name);
  const existing = await describe(admin, names);
  const configs = await configsOf(
    admin,
    existing.map(({ name }) => name),
  );
  return desired.flatMap((spec) => {
    const topic = existing.find(({ name }) => name === spec.name);
    if (topic === undefined) return differences(spec, null);
    return differences(spec, { ...topic, config: configs.get(topic.name) ?? null });
  });
}

/** Topics that exist and that we may see, without their settings. */
async function describe(admin: Admin, names: readonly string[]): Promise<ExistingTopic[]> {
  // Asking for a topic by name fails for all of them when one is missing.
  const all = new Set(await admin.listTopics());
  const present = names.filter((name) => all.has(name));
  if (present.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: present });
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    config: null,
  }));
}

async function configsOf(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  if (names.length === 0) return new Map();
  const resources = names.map((name) => ({ type: topicResource, name }));
  const answer = await admin
    .describeConfigs({ resources, includeSynonyms: false })
    .catch((error: unknown) => {
      const failure = kafkaError(error, { action: 'read topic settings' });
      if (failure.code !== 'kafka.not_authorized') throw failure;
      return { resources: [] };
    });
  return new Map(
    answer.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map((entry) => [entry.configName, entry.configValue])),
    ]),
  );
}

async function create(
  admin: Admin,
  missing: readonly TopicSpec[],
  options: { readonly validateOnly: boolean },
): Promise<void> {
  await admin.createTopics({
    ...options,
    // kafkajs gives up at once when the broker it asks has not heard of the topic yet.
    waitForLeaders: false,
    timeout: 15_000,
    topics: missing.map(({ name, partitions, replicationFactor, config }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

async function grow(admin: Admin, small: readonly TopicSpec[]): Promise<void> {
  await admin.createPartitions({
    timeout: 15_000,
    topicPartitions: small.map(({ name, partitions }) => ({ topic: name, count: partitions })),
  });
}

function has(
  found: readonly TopicDifference[],
  spec: TopicSpec,
  what: TopicDifference['what'],
): boolean {
  return found.some((difference) => difference.topic === spec.name && difference.what === what);
}

/** Not known to the broker that was asked, or not as it will be. */
function isPending(found: readonly TopicDifference[], spec: TopicSpec): boolean {
  return has(found, spec, 'missing') || isSmall(found, spec);
}

/** A state topic never grows: its keys must stay where they are. */
function isSmall(found: readonly TopicDifference[], spec: TopicSpec): boolean {
  if (spec.kind === 'state') return false;
  return found.some(
    ({ topic, what, found: count }) =>
      topic === spec.name && what === 'partitions' && Number(count) < spec.partitions,
  );
}
