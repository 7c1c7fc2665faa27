/** The command: what it prints for the examples' configuration, and what it refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../../../src/cli/cli.ts';
import { commands } from '../../../../src/cli/commands.ts';
import { recordingIo } from '../recording-io.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const config = join(root, 'examples', 'ommer.yaml');
const environment = { OXARCHIVE_API_KEY: 'a key' };
const directory = mkdtempSync(join(tmpdir(), 'ommer-ddl-'));
after(() => rmSync(directory, { recursive: true, force: true }));

async function ddl(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = recordingIo({ environment });
  const code = await runCli(['ddl', ...args], commands, io);
  return { code, out: io.out(), err: io.err() };
}

describe('the statements of an example', () => {
  for (const [engine, file, source] of [
    ['ksqldb', 'ksqldb/statements.sql', 'ommer.yaml'],
    ['ksqldb', 'ksqldb/market.sql', 'market.yaml'],
    ['flink', 'flink/statements.sql', 'ommer.yaml'],
    ['flink', 'flink/market.sql', 'market.yaml'],
    ['clickhouse', 'clickhouse/statements.sql', 'ommer.yaml'],
    ['clickhouse', 'clickhouse/market.sql', 'market.yaml'],
    ['kafka-streams', 'kafka-streams/OmmerTopology.java', 'ommer.yaml'],
  ] as const) {
    it(`for ${engine} and ${source} are what ommer ddl prints`, async () => {
      const from = join(root, 'examples', source);
      const { code, out, err } = await ddl('--engine', engine, '--config', from);
      assert.equal(code, 0, err);
      const path = join(root, 'examples', file);
      if (process.env['OMMER_UPDATE_DOCS'] !== undefined) writeFileSync(path, out);
      assert.equal(
        readFileSync(path, 'utf8'),
        out,
        `examples/${file} is stale: run this test with OMMER_UPDATE_DOCS=1.`,
      );
    });
  }
});

describe('ommer ddl', () => {
  it('prints the chosen topics only', async () => {
    const topic = 'ommer.eip155-31337.token_transfers_cdc';
    const { out } = await ddl('--engine', 'flink', '--topic', topic, '--config', config);
    const topics = [...out.matchAll(/'topic' = '([^']+)'/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(topics)], [topic]);
  });

  it('prints no secret of the configuration', async () => {
    const file = join(directory, 'secrets.yaml');
    writeFileSync(
      file,
      `kafka: { brokers: ["k:9094"], tls: { enabled: true }, sasl: { mechanism: scram-sha-512, username: kafka-user, password: { env: A } } }
registry: { url: "https://r.example/v1", auth: { username: registry-user, password: { env: B } } }
sources: { x: { kind: evm, chain: "eip155:1", http: ["https://node.example/node-key"], datasets: [logs] } }
`,
    );
    const environment = { A: 'kafka-password', B: 'registry-password' };
    for (const engine of ['ksqldb', 'flink', 'clickhouse', 'kafka-streams']) {
      const io = recordingIo({ environment });
      const code = await runCli(['ddl', '--engine', engine, '--config', file], commands, io);
      assert.equal(code, 0, io.err());
      assert.doesNotMatch(
        io.out(),
        /kafka-user|kafka-password|registry-user|registry-password|node-key/,
      );
      if (engine === 'ksqldb') continue;
      assert.match(io.out(), /KAFKA_PASSWORD/);
      assert.match(io.out(), /SCRAM-SHA-512/);
    }
  });

  for (const [args, expected] of [
    [[], '--engine is missing: one of ksqldb, flink, clickhouse, kafka-streams.'],
    [['--engine', 'flnk'], '--engine is "flnk"; did you mean "flink"?'],
    [['--engine', 'constructor'], '--engine is "constructor"; expected ksqldb'],
    [
      ['--engine', 'flink', '--config', config, '--topic', 'ommer.eip155-31337.token_transfer'],
      'No route writes the topic "ommer.eip155-31337.token_transfer". Did you mean "ommer.eip155-31337.token_transfers"?',
    ],
    [['--engine', 'flink', '--config', config, 'nobody'], 'There is no source "nobody".'],
  ] as const) {
    it(`refuses "${args.filter((arg) => arg !== config).join(' ')}" with a hint`, async () => {
      const { code, out, err } = await ddl(...args);
      assert.equal(code, 64);
      assert.equal(out, '');
      assert.ok(err.includes(expected), err);
    });
  }
});
