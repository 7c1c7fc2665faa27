/**
 * What kafkajs throws, as one of our errors: which code, who must act, and what to do. kafkajs
 * wraps errors in errors, so the whole chain of causes is read.
 */
import {
  type ErrorCode,
  type ErrorDetail,
  FatalError,
  PipelineError,
  TransientError,
} from '../model/errors.ts';

/** What was attempted, for the message: "publish a batch to 3 topics". */
export interface Attempted {
  readonly action: string;
  readonly context?: ErrorDetail['context'];
  /** What the client last complained about; explains a time-out. */
  readonly lastTrouble?: string | null;
}

interface Rule {
  readonly matches: readonly string[];
  readonly code: ErrorCode;
  readonly isFatal: boolean;
  readonly advice: string;
}

/** The first rule that names a type or a name found in the chain of causes decides. */
const rules: readonly Rule[] = [
  {
    matches: ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    code: 'kafka.not_authorized',
    isFatal: true,
    advice:
      'Grant Write and Describe on the transactional ids that start with the configured prefix.',
  },
  {
    matches: ['TOPIC_AUTHORIZATION_FAILED'],
    code: 'kafka.not_authorized',
    isFatal: true,
    advice:
      'Grant Describe, Read and Write (and Create, if topics are to be created) on the topic.',
  },
  {
    matches: ['CLUSTER_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED'],
    code: 'kafka.not_authorized',
    isFatal: true,
    advice: 'Grant IdempotentWrite and DescribeConfigs on the cluster to this user.',
  },
  {
    matches: [
      'SASL_AUTHENTICATION_FAILED',
      'UNSUPPORTED_SASL_MECHANISM',
      'KafkaJSSASLAuthenticationError',
    ],
    code: 'kafka.not_authorized',
    isFatal: true,
    advice: 'Check kafka.sasl: mechanism, user name and password or token.',
  },
  {
    matches: ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'],
    code: 'kafka.record_too_large',
    isFatal: true,
    advice: "Raise the topic's max.message.bytes, or lower the configured batch and record sizes.",
  },
  {
    matches: ['INVALID_TIMESTAMP', 'INVALID_RECORD', 'POLICY_VIOLATION'],
    code: 'kafka.send_failed',
    isFatal: true,
    advice:
      "The broker refuses these records: check the topic's message.timestamp.before.max.ms, message.timestamp.after.max.ms and cleanup.policy.",
  },
  {
    matches: ['INVALID_TRANSACTION_TIMEOUT'],
    code: 'kafka.send_failed',
    isFatal: true,
    advice:
      "The configured transaction time-out exceeds the brokers' transaction.max.timeout.ms: lower it.",
  },
  {
    matches: [
      'INVALID_PRODUCER_EPOCH',
      'TRANSACTION_COORDINATOR_FENCED',
      'INVALID_PRODUCER_ID_MAPPING',
    ],
    code: 'kafka.fenced',
    isFatal: false,
    advice: 'Another instance took over, or the transaction was open for longer than its time-out.',
  },
  {
    matches: ['UNKNOWN_TOPIC_OR_PARTITION', 'KafkaJSTopicMetadataNotLoaded'],
    code: 'kafka.topic_missing',
    isFatal: false,
    advice: 'Create the topic with `ommer topics apply`, or check the name and the permissions.',
  },
  {
    matches: [
      'KafkaJSConnectionError',
      'KafkaJSConnectionClosedError',
      'KafkaJSBrokerNotFound',
      'KafkaJSRequestTimeoutError',
      'KafkaJSGroupCoordinatorNotFound',
      'KafkaJSLockTimeout',
      'BROKER_NOT_AVAILABLE',
      'NETWORK_EXCEPTION',
      // Thrown as a plain error when the connection was lost while it was being made.
      'Broker not connected',
    ],
    code: 'kafka.unreachable',
    isFatal: false,
    advice:
      'Check that the brokers run, kafka.brokers, TLS settings, and the advertised listeners.',
  },
];

/**
 * The `PipelineError` for whatever was thrown; one that already is a `PipelineError` is returned as
 * it is. Without a matching rule: `kafka.send_failed`, transient.
 */
export function kafkaError(thrown: unknown, attempted: Attempted): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  const found = markers(thrown);
  const rule = rules.find(({ matches }) => matches.some((marker) => found.has(marker)));
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const last = attempted.lastTrouble ?? null;
  // Often it is what was thrown, in other words.
  const trouble = last === null || last.includes(text) ? '' : ` The client last reported: ${last}.`;
  const topics = topicsOf(thrown);
  const where = topics.length === 0 ? '' : ` (${topics.join(', ')})`;
  const advice = rule === undefined ? '' : ` ${rule.advice}`;
  const detail: ErrorDetail = {
    stage: 'publishing',
    message: `Could not ${attempted.action}: ${text.replace(/\.$/, '')}${where}.${trouble}${advice}`,
    cause: thrown,
    ...(attempted.context === undefined ? {} : { context: attempted.context }),
  };
  const code = rule?.code ?? 'kafka.send_failed';
  return rule?.isFatal === true ? new FatalError(code, detail) : new TransientError(code, detail);
}

/** Protocol types and class names along the chain of causes, and inside aggregates. */
function markers(thrown: unknown, depth = 0): Set<string> {
  const found = new Set<string>();
  if (!(thrown instanceof Error) || depth > 6) return found;
  found.add(thrown.name);
  if (thrown.name === 'Error') found.add(thrown.message);
  const type: unknown = Reflect.get(thrown, 'type');
  if (typeof type === 'string') found.add(type);
  const inner: unknown = Reflect.get(thrown, 'errors');
  for (const next of [thrown.cause, ...(Array.isArray(inner) ? inner : [])]) {
    for (const marker of markers(next, depth + 1)) found.add(marker);
  }
  return found;
}

/** Topics that an error names: of a creation, each that failed has an error of its own. */
function topicsOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error)) return [];
  const topic: unknown = Reflect.get(thrown, 'topic');
  const inner: unknown = Reflect.get(thrown, 'errors');
  const own = typeof topic === 'string' ? [topic] : [];
  return [...own, ...(Array.isArray(inner) ? inner.flatMap(topicsOf) : [])];
}
