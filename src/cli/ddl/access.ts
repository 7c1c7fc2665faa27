/** How a configuration reaches Kafka and the registry, with its secrets left out. */
import type { Config } from '../../config/config.ts';
import type { Access } from './topic-shape.ts';

const mechanisms = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
  oauthbearer: 'OAUTHBEARER',
} as const;

/** What the statements must know of a configuration. Holds no secret. */
export function accessOf({ kafka, registry }: Config): Access {
  const security = kafka.tls === null ? 'PLAINTEXT' : 'SSL';
  const sasl = kafka.tls === null ? 'SASL_PLAINTEXT' : 'SASL_SSL';
  return {
    protocol: kafka.sasl === null ? security : sasl,
    saslMechanism: kafka.sasl === null ? null : mechanisms[kafka.sasl.mechanism],
    hasRegistryAuth: registry.auth !== null,
    brokers: kafka.brokers.join(','),
    registryUrl: withoutLogin(registry.url),
  };
}

function withoutLogin(address: string): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
