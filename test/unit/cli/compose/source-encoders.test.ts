/** What the encoders of a source take over from its checkpoint. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SourceEncoders } from '../../../../src/cli/compose/source-encoders.ts';
import { definitions, registryFrom, topicSpecs } from '../../../../src/cli/configuration.ts';
import { topicSchemas } from '../../../../src/cli/topic-schemas.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { SchemaRegistration } from '../../../../src/encoding/schema-registration.ts';
import type { Checkpoint } from '../../../../src/model/checkpoint.ts';
import { eventOf, origin, rows } from '../../encoding/samples.ts';

const dir = mkdtempSync(join(tmpdir(), 'ommer-encoders-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const checkpoint: Checkpoint = {
  ...{ version: 1, source: origin.source, identity: 'x', generation: 1, sequence: 1 },
  ...{ cursor: null, finalized: { height: origin.height - 1, hash: '0x9' }, blocks: [] },
  ...{ reverted: [], undo: [], partitionCounts: [], tables: [], corrections: [], writtenAtMs: 1 },
};

/** The encoders of a source of logs with states, whose topics have so many partitions now. */
function encodersOn(partitions: number, counts: Checkpoint['partitionCounts']): SourceEncoders {
  const file = join(dir, 'ommer.json');
  const routes = { logs: { state: { enabled: true } } };
  const node = { kind: 'evm', chain: origin.chain, http: ['http://127.0.0.1:1'] };
  const sources = { [origin.source]: { ...node, datasets: ['logs'], routes } };
  const [kafka, registry] = [{ brokers: ['127.0.0.1:1'] }, { url: 'http://127.0.0.1:1' }];
  writeFileSync(file, JSON.stringify({ kafka, registry, sources }));
  const config = loadConfig({ file, environment: {}, definitions });
  const [source] = config.sources;
  assert.ok(source);
  const schemas = topicSchemas(config, [source]);
  const encoders = new SourceEncoders({
    ...{ config, source, registration: new SchemaRegistration(registryFrom(config), schemas) },
    schemaIds: new Map(
      schemas.map(({ topic }, n) => [topic, { key: 2 * n + 1, value: 2 * n + 2 }]),
    ),
    partitions: new Map(topicSpecs(config, [source]).map(({ name }) => [name, partitions])),
  });
  encoders.adopt({ ...checkpoint, partitionCounts: counts });
  return encoders;
}

/** Partitions of rows of many contracts, and of their states. */
function placesOn(encoders: SourceEncoders): readonly (readonly (number | undefined)[])[] {
  return Array.from({ length: 40 }, (_, n) => {
    const row = {
      ...rows.logs,
      log_index: n,
      contract_address: `0x${String(n).padStart(40, '0')}`,
    };
    const context = { incarnation: 1, publishedAtUs: 1 };
    const [insert] = encoders.ledger.insert(eventOf('logs', row), origin, context);
    assert.ok(insert);
    return [insert.partition, encoders.ledger.tables.state(insert, 1)?.partition];
  });
}

test('keys of a state topic that has grown stay where they were, and new rows spread over all', () => {
  const before = placesOn(encodersOn(2, []));
  const topic = 'ommer.eip155-1.logs';
  const counts = [topic, `${topic}.state`].map((each) => {
    return { topic: each, fromHeight: 0, partitions: 2 };
  });
  const after = placesOn(encodersOn(9, counts));
  assert.deepEqual(
    after.map(([, state]) => state),
    before.map(([, state]) => state),
  );
  assert.ok(after.some(([partition]) => Number(partition) >= 2));
});
