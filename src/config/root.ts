/** Turns the checked values outside `sources` into their parts of the configuration. */

import type { SaslSettings, TlsSettings } from '../publishing/settings.ts';
import type {
  Config,
  DataErrorPolicy,
  KafkaConfig,
  RegistryConfig,
  SourceConfig,
  TopicsConfig,
} from './config.ts';
import type { Mistake } from './mistakes.ts';

/** What the checked values give, with all defaults: the shape of `schema.ts`. */
export interface RootValues
  extends Pick<Config, 'undo' | 'publishing' | 'http' | 'log' | 'heartbeatMs'> {
  readonly kafka: Omit<KafkaConfig, 'tls' | 'sasl'> & {
    readonly tls: TlsSettings & { readonly enabled: boolean };
    readonly sasl: SaslValues;
  };
  readonly registry: Omit<RegistryConfig, 'auth'> & {
    readonly auth: { readonly username: string | null; readonly password: string | null };
  };
  readonly topics: Omit<TopicsConfig, 'checkpoints' | 'deadLetters'>;
  readonly supervisor: Config['supervisor'] & { readonly dataErrors: DataErrorPolicy };
}

type SaslField = 'username' | 'password' | 'tokenUrl' | 'clientId' | 'clientSecret' | 'scope';
type SaslValues = { readonly mechanism: SaslSettings['mechanism'] | null } & {
  readonly [K in SaslField]: string | null;
};

/** Everything that no single option's format can see. */
export function rootMistakes(values: RootValues): Mistake[] {
  return [
    ...tlsMistakes(values),
    ...saslMistakes(values.kafka.sasl),
    ...authMistakes(values.registry),
    ...limitMistakes(values),
  ];
}

function tlsMistakes({ kafka: { tls } }: RootValues): Mistake[] {
  const mistakes: Mistake[] = [];
  if (!tls.enabled && (tls.ca ?? tls.cert ?? tls.key) !== null) {
    const message = 'is false, but certificates are given; set it to true or remove them';
    mistakes.push({ path: 'kafka.tls.enabled', message });
  }
  if ((tls.cert === null) !== (tls.key === null)) {
    const missing = tls.cert === null ? 'cert' : 'key';
    const message = 'is missing: a client certificate needs both cert and key';
    mistakes.push({ path: `kafka.tls.${missing}`, message });
  }
  return mistakes;
}

function saslMistakes(sasl: SaslValues): Mistake[] {
  const { mechanism, ...fields } = sasl;
  if (mechanism === null) {
    const given = Object.values(fields).some((value) => value !== null);
    const message = 'is missing, but credentials are given';
    return given ? [{ path: 'kafka.sasl.mechanism', message }] : [];
  }
  const needed: readonly SaslField[] =
    mechanism === 'oauthbearer'
      ? ['tokenUrl', 'clientId', 'clientSecret']
      : ['username', 'password'];
  return needed
    .filter((field) => fields[field] === null)
    .map((field) => ({
      path: `kafka.sasl.${field}`,
      message: `is missing, expected a value for mechanism ${mechanism}`,
    }));
}

function authMistakes({ auth }: RootValues['registry']): Mistake[] {
  if ((auth.username === null) === (auth.password === null)) return [];
  const missing = auth.username === null ? 'username' : 'password';
  const message = 'is missing: basic authentication needs username and password';
  return [{ path: `registry.auth.${missing}`, message }];
}

function limitMistakes({ supervisor, publishing, kafka, topics }: RootValues): Mistake[] {
  const mistakes: Mistake[] = [];
  if (topics.replicationFactor === 0) {
    const message = "is 0, expected at least 1, or -1 for the broker's default";
    mistakes.push({ path: 'topics.replicationFactor', message });
  }
  if (supervisor.backoffMaxMs < supervisor.backoffMinMs) {
    mistakes.push({
      path: 'supervisor.backoffMaxMs',
      message: `is ${supervisor.backoffMaxMs}, expected at least supervisor.backoffMinMs (${supervisor.backoffMinMs})`,
    });
  }
  if (kafka.requestTimeoutMs >= publishing.transactionTimeoutMs) {
    mistakes.push({
      path: 'kafka.requestTimeoutMs',
      message: `is ${kafka.requestTimeoutMs}, expected less than publishing.transactionTimeoutMs (${publishing.transactionTimeoutMs})`,
    });
  }
  return mistakes;
}

/** With the names that follow from the prefix. */
export function resolveTopics(topics: RootValues['topics']): TopicsConfig {
  return {
    ...topics,
    checkpoints: `${topics.prefix}.checkpoints`,
    deadLetters: `${topics.prefix}.dead-letters`,
  };
}

/** The whole configuration. */
export function resolveRoot(
  values: RootValues,
  topics: TopicsConfig,
  sources: readonly SourceConfig[],
): Config {
  const { tls, sasl, ...kafka } = values.kafka;
  const { auth, ...registry } = values.registry;
  const { dataErrors: _, ...supervisor } = values.supervisor;
  const { enabled, ...certificates } = tls;
  return {
    kafka: { ...kafka, tls: enabled ? certificates : null, sasl: resolveSasl(sasl) },
    registry: { ...registry, auth: resolveAuth(auth) },
    topics,
    undo: values.undo,
    publishing: values.publishing,
    supervisor,
    http: values.http,
    log: values.log,
    heartbeatMs: values.heartbeatMs,
    sources,
  };
}

function resolveAuth({
  username,
  password,
}: RootValues['registry']['auth']): RegistryConfig['auth'] {
  return username === null || password === null ? null : { username, password };
}

function resolveSasl(sasl: SaslValues): SaslSettings | null {
  const { mechanism, username, password, tokenUrl, clientId, clientSecret, scope } = sasl;
  if (mechanism === null) return null;
  if (mechanism !== 'oauthbearer') {
    return { mechanism, username: username ?? '', password: password ?? '' };
  }
  return {
    mechanism,
    tokenUrl: tokenUrl ?? '',
    clientId: clientId ?? '',
    clientSecret: clientSecret ?? '',
    scope,
  };
}
