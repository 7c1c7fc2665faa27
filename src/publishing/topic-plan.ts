/**
 * What topics should be like, and how those that exist differ. Pure: `topics.ts` asks Kafka.
 */
import { FatalError, type PipelineError } from '../model/errors.ts';

/** What a topic is for; decides its settings and what a difference means. */
export type TopicKind =
  | 'changelog'
  | 'state'
  | 'final'
  | 'control'
  | 'checkpoints'
  | 'dead-letters';

/** A topic as it should be. */
export interface TopicSpec {
  readonly name: string;
  readonly kind: TopicKind;
  readonly partitions: number;
  /** -1 for the brokers' default. */
  readonly replicationFactor: number;
  /** Settings by Kafka's own names. Others are left to the brokers. */
  readonly config: Readonly<Record<string, string>>;
}

/** A topic as it is. */
export interface ExistingTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Null when we may not read the settings. */
  readonly config: Readonly<Record<string, string>> | null;
}

/**
 * A difference. `blocking` ones make a run wrong or impossible; others are reported. `missing` can be
 * applied, `partitions` on request; nothing else is ever changed by us.
 */
export interface TopicDifference {
  readonly topic: string;
  readonly what:
    | 'missing'
    | 'partitions'
    | 'cleanup.policy'
    | 'replication'
    | 'setting'
    | 'unreadable';
  /** Name of the setting, for `setting`. */
  readonly setting?: string;
  readonly expected: string;
  readonly found: string;
  readonly isBlocking: boolean;
  readonly advice: string;
}

const sixteenMebibytes = String(16 * 1024 * 1024);

/**
 * The settings of a topic of this kind. Record time is event time, and Kafka deletes by record time:
 * so changelogs are kept for ever unless the operator says otherwise.
 */
export function topicConfig(
  kind: TopicKind,
  options: { readonly retentionMs: number; readonly recordBytesMax: number },
): Readonly<Record<string, string>> {
  // Kafka counts the batch's header too.
  const maxMessageBytes = Math.max(1_048_588, options.recordBytesMax + 1_024);
  const common = { 'max.message.bytes': String(maxMessageBytes) };
  if (kind === 'checkpoints' || kind === 'state') {
    const compact = { ...common, 'cleanup.policy': 'compact' };
    return kind === 'state' ? compact : { ...compact, 'segment.bytes': sixteenMebibytes };
  }
  return { ...common, 'cleanup.policy': 'delete', 'retention.ms': String(options.retentionMs) };
}

/** The differences between a topic as it should be and as it is (null: it is not there). */
export function differences(spec: TopicSpec, found: ExistingTopic | null): TopicDifference[] {
  if (found === null) return [missing(spec)];
  const list = [...partitionDifference(spec, found), ...replicationDifference(spec, found)];
  return [...list, ...configDifferences(spec, found)];
}

/** The error that stops a run for a blocking difference. */
export function differenceError(difference: TopicDifference): PipelineError {
  const { topic, what, expected, found, advice } = difference;
  const code =
    what === 'missing'
      ? 'kafka.topic_missing'
      : what === 'partitions'
        ? 'kafka.topic_partitions'
        : 'kafka.topic_cleanup_policy';
  return new FatalError(code, {
    stage: 'publishing',
    message: `Topic "${topic}": ${what} should be ${expected}, found ${found}. ${advice}`,
    context: { topic, what, expected, found },
  });
}

function missing(spec: TopicSpec): TopicDifference {
  return {
    topic: spec.name,
    what: 'missing',
    expected: `${spec.partitions} partitions`,
    found: 'no such topic',
    isBlocking: true,
    advice:
      'Create it with `ommer topics apply`, or let a run do it with topics.autoCreate; if it exists, grant Describe on it.',
  };
}

function partitionDifference(spec: TopicSpec, found: ExistingTopic): TopicDifference[] {
  if (found.partitions === spec.partitions) return [];
  if (spec.kind === 'state') return [fixedPartitions(spec, found)];
  const isTooFew = found.partitions < spec.partitions;
  // The control topic is one sequence: in several partitions it has no order.
  const isBlocking = isTooFew || spec.kind === 'control';
  return [
    {
      topic: spec.name,
      what: 'partitions',
      expected: String(spec.partitions),
      found: String(found.partitions),
      isBlocking,
      advice: isTooFew
        ? `Configure ${found.partitions} partitions, or grow the topic with \`ommer topics apply --grow\`: new rows then spread over all, older ones stay where they are.`
        : isBlocking
          ? 'A control topic has exactly one partition: configure another name, or delete the topic.'
          : `Partitions cannot be taken away: configure ${found.partitions}, or the additional ones stay empty.`,
    },
  ];
}

/** Another count would send a key to another partition, away from what it replaces. */
function fixedPartitions(spec: TopicSpec, found: ExistingTopic): TopicDifference {
  return {
    topic: spec.name,
    what: 'partitions',
    expected: String(spec.partitions),
    found: String(found.partitions),
    isBlocking: false,
    advice:
      'Nothing to do: a state topic keeps the partitions that it had at first, because its keys must stay where they are.',
  };
}

function replicationDifference(spec: TopicSpec, found: ExistingTopic): TopicDifference[] {
  if (spec.replicationFactor === -1 || found.replicationFactor === spec.replicationFactor)
    return [];
  return [
    {
      topic: spec.name,
      what: 'replication',
      expected: String(spec.replicationFactor),
      found: String(found.replicationFactor),
      isBlocking: false,
      advice: 'Reassign its partitions with Kafka’s own tools, or adapt topics.replicationFactor.',
    },
  ];
}

function configDifferences(spec: TopicSpec, found: ExistingTopic): TopicDifference[] {
  if (found.config === null) return [unreadable(spec)];
  const list: TopicDifference[] = [];
  for (const [setting, expected] of Object.entries(spec.config)) {
    const value = found.config[setting];
    if (value === undefined || value === expected) continue;
    const isPolicy = setting === 'cleanup.policy';
    list.push({
      topic: spec.name,
      what: isPolicy ? 'cleanup.policy' : 'setting',
      setting,
      expected,
      found: value,
      isBlocking: isPolicy,
      advice: isPolicy ? policyAdvice(expected) : `Set ${setting} with Kafka’s own tools.`,
    });
  }
  return list;
}

function policyAdvice(expected: string): string {
  const reason =
    expected === 'compact'
      ? 'with "delete" the newest record of a key can be lost'
      : 'compaction would remove the history that retractions refer to';
  return `Alter cleanup.policy of the topic to "${expected}", or configure another topic: ${reason}.`;
}

function unreadable(spec: TopicSpec): TopicDifference {
  return {
    topic: spec.name,
    what: 'unreadable',
    expected: 'readable settings',
    found: 'not authorized',
    isBlocking: false,
    advice: 'Grant DescribeConfigs on the topic to have its settings checked.',
  };
}
