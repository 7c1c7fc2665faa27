/** The example files are valid, and say what they are for. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config/load.ts';
import type { Definitions } from '../../../src/config/source-schema.ts';
import { sources } from '../../../src/sources/registry.ts';

const definitions: Definitions = sources;
const dir = mkdtempSync(join(tmpdir(), 'ommer-examples-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function example(name: string): string {
  const copy = join(dir, name);
  copyFileSync(fileURLToPath(new URL(`../../../config/${name}`, import.meta.url)), copy);
  return copy;
}

describe('the example', () => {
  it('for a devnet is valid', () => {
    const config = loadConfig({ file: example('local.yaml'), environment: {}, definitions });
    assert.deepEqual(
      config.sources.map(({ name, kind, chain }) => [name, kind, chain]),
      [['devnet', 'evm', 'eip155:31337']],
    );
  });

  it('for Tezos mainnet is valid, and names the kinds it follows', () => {
    const config = loadConfig({ file: example('tzkt-mainnet.yaml'), environment: {}, definitions });
    assert.deepEqual(
      config.sources.map(({ kind, chain, datasets }) => [kind, chain, datasets.length]),
      [['tzkt', 'tezos:NetXdQprcVkpaWU', 4]],
    );
  });

  it('for a Basalt chain is valid, with two nodes', () => {
    const config = loadConfig({
      file: example('basalt-nodes.yaml'),
      environment: {},
      definitions,
    });
    assert.deepEqual(
      config.sources.map(({ kind, chain, datasets }) => [kind, chain, datasets.length]),
      [['basalt', 'basalt:1', 3]],
    );
  });

  it('for production is valid, with pinned partitions and two routes of one dataset', () => {
    mkdirSync(join(dir, 'tls'));
    writeFileSync(join(dir, 'tls', 'ca.pem'), 'PEM\n');
    const environment = {
      KAFKA_PASSWORD: 'p',
      REGISTRY_PASSWORD: 'p',
      ETHEREUM_HTTP: 'https://node.example/key',
      ETHEREUM_WS: 'wss://node.example/key',
      BASE_HTTP: 'https://node.example/key',
      BASE_WS: 'wss://node.example/key',
    };
    const config = loadConfig({ file: example('production.yaml'), environment, definitions });
    assert.equal(config.kafka.sasl?.mechanism, 'scram-sha-512');
    assert.equal(config.kafka.tls?.ca, 'PEM');
    const [ethereum, base] = config.sources;
    const logs = ethereum?.routes.filter(({ dataset }) => dataset === 'logs');
    assert.deepEqual(
      logs?.map(({ topic, envelope, partitions, pinned }) => [
        topic,
        envelope,
        partitions,
        Object.values(pinned),
      ]),
      [
        ['chain.ethereum.logs', 'flat', 12, [0, 1]],
        ['chain.ethereum.logs_cdc', 'debezium', 12, []],
      ],
    );
    assert.deepEqual(
      [base?.delivery, base?.datasets.length, base?.transactionalIdPrefix],
      ['low_latency', 3, 'ommer-production-base'],
    );
  });
});
