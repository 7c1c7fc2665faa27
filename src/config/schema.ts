/**
 * Every option of the configuration file but those of sources, with its description, format and
 * default, in convict's form. The reference in docs/configuration.md is generated from it.
 */
import type { OptionSchema } from '../sources/source.ts';
import { flag, integer, listOf, mapOf, matching, oneOf, text, urlOf } from './formats.ts';
import type { OptionTree } from './option.ts';

/** An option that has a value unless somebody says otherwise. */
function option(doc: string, format: unknown, fallback: unknown): OptionSchema {
  return { doc, format, default: fallback };
}

/** An option that may be missing. */
function optional(doc: string, format: unknown): OptionSchema {
  return { doc, format, default: null, nullable: true };
}

/** An option that may be missing and whose value is never shown. */
function secret(doc: string): OptionSchema {
  return { doc, format: text, default: null, nullable: true, sensitive: true };
}

const topicName = /^[a-zA-Z0-9._-]{1,200}$/;
const hostPort = /^[^\s:/@]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/;

const kafka: OptionTree = {
  brokers: option('Bootstrap brokers.', listOf('host:port', hostPort), ['127.0.0.1:9092']),
  clientId: option('Name under which the brokers see and log the client.', text, 'ommer'),
  connectionTimeoutMs: option('Longest wait for a connection.', integer(100), 3000),
  requestTimeoutMs: option(
    'A request without an answer for so long has failed. Shorter than publishing.transactionTimeoutMs.',
    integer(1000),
    5000,
  ),
  tls: {
    enabled: option('Speak TLS with the brokers.', flag, false),
    ca: optional("PEM of the authority that signed the brokers' certificates.", text),
    cert: optional('PEM of the client certificate.', text),
    key: secret('PEM of the client key.'),
    rejectUnauthorized: option('Refuse a certificate that cannot be verified.', flag, true),
  },
  sasl: {
    mechanism: optional(
      'How to authenticate; missing = not at all.',
      oneOf('plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'),
    ),
    username: optional('For plain and scram.', text),
    password: secret('For plain and scram.'),
    tokenUrl: optional('For oauthbearer: where tokens are issued.', urlOf('https', 'http')),
    clientId: optional('For oauthbearer: the client the token is issued to.', text),
    clientSecret: secret('For oauthbearer: its secret.'),
    scope: optional('For oauthbearer: the scope to ask for.', text),
  },
};

const registry: OptionTree = {
  url: option(
    'Schema registry with the Confluent API.',
    urlOf('http', 'https'),
    'http://127.0.0.1:8081',
  ),
  auth: {
    username: optional('User (or API key) for basic authentication.', text),
    password: secret('Password (or API secret) for basic authentication.'),
  },
  ca: optional("PEM of the authority that signed the registry's certificate.", text),
  timeoutMs: option('Longest wait for a response.', integer(100), 10_000),
};

const topics: OptionTree = {
  prefix: option(
    'First part of every topic name.',
    matching('letters, digits, dots, dashes and underscores', topicName),
    'ommer',
  ),
  template: option(
    'Name of a changelog topic. Tokens: {prefix}, {chain}, {dataset}, {source}.',
    matching(
      'a template with {dataset} and at least one of {chain} and {source}',
      /^(?=.*\{dataset\})(?=.*\{(chain|source)\})([a-zA-Z0-9._-]|\{(prefix|chain|dataset|source)\})+$/,
    ),
    '{prefix}.{chain}.{dataset}',
  ),
  partitions: option('Partitions of a new changelog topic.', integer(1, 10_000), 6),
  replicationFactor: option(
    "Copies of each partition of a new topic; -1 = the broker's default.",
    integer(-1, 32),
    -1,
  ),
  retentionMs: option(
    'How long changelog records are kept; -1 = for ever. Counted from the block time, so a finite value deletes backfilled blocks at once.',
    integer(-1),
    -1,
  ),
  autoCreate: option('Create missing topics when a run starts.', flag, true),
  chainNames: option(
    'Chain id (CAIP-2) to its name in topics. A chain that is not listed has dashes in place of colons: eip155-1.',
    mapOf(
      'a mapping of chain ids to names of letters, digits, dots, dashes and underscores',
      (v) => typeof v === 'string' && topicName.test(v),
    ),
    {},
  ),
};

const publishing: OptionTree = {
  lanes: option(
    'Transactional producers per source that take turns, so that one prepares while another commits.',
    integer(1, 16),
    3,
  ),
  transactionalIdPrefix: option(
    'Transactional ids are <prefix>-<source>-<lane>. Two deployments on one cluster need two prefixes.',
    text,
    'ommer',
  ),
  transactionTimeoutMs: option(
    'When the broker aborts a transaction nobody finishes. Until then readers wait.',
    integer(1000, 900_000),
    15_000,
  ),
  attemptTimeoutMs: option(
    'Longest attempt to publish one batch; then its producers are thrown away.',
    integer(1000),
    15_000,
  ),
  recoveryTimeoutMs: option(
    'How long a failed batch is recovered and repeated before the session is given up.',
    integer(1000),
    120_000,
  ),
  closeTimeoutMs: option(
    'How long a stop may take to finish what is under way.',
    integer(100, 60_000),
    2500,
  ),
  recordBytesMax: option(
    'Largest record. Must not exceed max.message.bytes of the topics.',
    integer(1024),
    1_000_000,
  ),
  batchBytesMax: option(
    'Most of one partition in one request. Must not exceed message.max.bytes of the brokers.',
    integer(1024),
    900_000,
  ),
  requestBytesMax: option('Most records of one request together.', integer(1024), 8_000_000),
  checkpointEveryMs: option(
    'Longest time between two checkpoints under low_latency.',
    integer(10),
    250,
  ),
  batch: {
    rowsMax: option('Rows after which a batch is published.', integer(1), 5000),
    blocksMax: option('Blocks after which a batch is published during catch-up.', integer(1), 50),
  },
};

/** The options outside `sources`. */
export const rootSchema: OptionTree = {
  kafka,
  registry,
  topics,
  undo: {
    blocksMax: option('Unfinalized blocks that can be taken back, per source.', integer(1), 1024),
    rowsMax: option(
      'Rows of unfinalized blocks, and of market data that may be corrected, kept in memory, per source; as many may wait for final topics.',
      integer(1),
      500_000,
    ),
    correctionsMs: option(
      'How long a published row of market data is held, to drop its repeats and take it back when it is corrected.',
      integer(1),
      3_600_000,
    ),
  },
  publishing,
  supervisor: {
    backoffMinMs: option('Shortest wait before a new session.', integer(1), 500),
    backoffMaxMs: option('Longest wait before a new session.', integer(1), 30_000),
    retriesMax: option(
      'Sessions lost in a row before the source stops; 0 = it never stops.',
      integer(0),
      0,
    ),
    dataErrors: option(
      'What happens to input that cannot be understood: to the dead letters, or stop the source.',
      oneOf('quarantine', 'stop'),
      'quarantine',
    ),
  },
  http: {
    enabled: option('Serve health, metrics and the status page.', flag, true),
    host: option('Address to listen on. The page has no authentication.', text, '127.0.0.1'),
    port: option('Port to listen on; 0 = any free one.', integer(0, 65_535), 8080),
  },
  log: {
    level: option(
      'Least severe line shown.',
      oneOf('debug', 'info', 'warn', 'error', 'silent'),
      'info',
    ),
    format: option(
      'json, pretty (for people), or auto: pretty on a terminal.',
      oneOf('auto', 'json', 'pretty'),
      'auto',
    ),
  },
  heartbeatMs: option('Longest silence on a control topic.', integer(100), 10_000),
};
