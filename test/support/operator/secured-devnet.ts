/**
 * A broker and a registry where the user `ommer` may do nothing until it is granted; tests that are
 * about other things use the inner listener, where everything is permitted.
 */
import assert from 'node:assert/strict';
import type { AclOperationTypes, AclResourceTypes, SASLOptions } from 'kafkajs';
import { until } from '../../../src/devnet/until.ts';
import { withAdmin } from '../end-to-end/kafka-admin.ts';
import { joinDevnet, type SharedDevnet } from '../shared-devnet.ts';
import { Site } from './site.ts';

/** Numbers of the protocol, which kafkajs does not export under Node's own modules. */
const resources = { topic: 2, transactionalId: 5 } as const;
const operations = { read: 3, write: 4, create: 5, describe: 8, describeConfigs: 10 } as const;

/** See the file's head. */
export class SecuredDevnet {
  readonly site: Site;
  readonly #devnet: SharedDevnet;

  private constructor(devnet: SharedDevnet) {
    this.#devnet = devnet;
    this.site = new Site(devnet);
  }

  static async start(): Promise<SecuredDevnet> {
    return new SecuredDevnet(await joinDevnet());
  }

  /** The `kafka` section of a configuration for the restricted user. */
  restricted(password = 'open sesame'): Readonly<Record<string, unknown>> {
    const sasl: SASLOptions = { mechanism: 'plain', username: 'ommer', password };
    return { brokers: this.#devnet.securedBrokers, sasl };
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
    await withAdmin(this.site.brokers, async (admin) => {
      await admin.createAcls({ acl: [acl] });
      // The controller has it; the broker, which is asked here, decides by what it was told of it.
      const isInForce = async () =>
        (await admin.describeAcls(acl)).resources.length > 0 || undefined;
      assert.ok(await until(isInForce, { timeoutMs: 60_000 }), 'the grant came into force');
    });
  }

  async stop(): Promise<void> {
    await this.#devnet.leave();
    this.site.remove();
  }
}
