/**
 * A broker and a registry where the user `ommer` may do nothing until it is granted; tests that are
 * about other things use the inner listener, where everything is permitted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AclOperationTypes, AclResourceTypes, SASLOptions } from 'kafkajs';
import { type Devnet, startDevnet } from '../../../src/devnet/devnet.ts';
import { withAdmin } from '../end-to-end/kafka-admin.ts';
import { Site } from './site.ts';

const overrides = {
  'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.client.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_ommer="open sesame";',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
  'allow.everyone.if.no.acl.found': false,
};

/** Numbers of the protocol, which kafkajs does not export under Node's own modules. */
const resources = { topic: 2, transactionalId: 5 } as const;
const operations = { read: 3, write: 4, create: 5, describe: 8, describeConfigs: 10 } as const;

/** See the file's head. */
export class SecuredDevnet {
  readonly site: Site;
  readonly #devnet: Devnet;
  readonly #directory: string;

  private constructor(devnet: Devnet, directory: string) {
    this.#devnet = devnet;
    this.#directory = directory;
    const brokers = devnet.kafka.brokers.map(({ directAddress }) => directAddress);
    this.site = new Site({ brokers, registry: devnet.registry.url });
  }

  static async start(): Promise<SecuredDevnet> {
    const directory = await mkdtemp(join(tmpdir(), 'ommer-secured-'));
    const devnet = await startDevnet({
      dataDir: directory,
      brokers: 1,
      evm: false,
      kafka: { overrides },
    });
    return new SecuredDevnet(devnet, directory);
  }

  /** The `kafka` section of a configuration for the restricted user. */
  restricted(password = 'open sesame'): Readonly<Record<string, unknown>> {
    const sasl: SASLOptions = { mechanism: 'plain', username: 'ommer', password };
    return { brokers: this.#devnet.kafka.addresses, sasl };
  }

  /** Permits the user something on all topics or transactional ids that begin with the prefix. */
  async grant(
    operation: keyof typeof operations,
    kind: keyof typeof resources,
    prefix: string,
  ): Promise<void> {
    const acl = {
      resourceType: resources[kind] as AclResourceTypes,
      resourceName: prefix,
      resourcePatternType: 4,
      principal: 'User:ommer',
      host: '*',
      operation: operations[operation] as AclOperationTypes,
      permissionType: 3,
    };
    await withAdmin(this.site.brokers, (admin) => admin.createAcls({ acl: [acl] }));
  }

  async stop(): Promise<void> {
    await this.#devnet.stop();
    this.site.remove();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
