/** Loading: what the file, references and the environment give, and how mistakes are reported. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Config, SourceConfig } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Environment } from '../../../src/config/secrets.ts';
import { FatalError } from '../../../src/model/errors.ts';
import { definitions, type FakeOptions } from './fake-source.ts';

const dir = mkdtempSync(join(tmpdir(), 'ommer-config-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function load(yaml: string, environment: Environment = {}): Config {
  const file = join(dir, 'ommer.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, environment, definitions });
}

function refusal(yaml: string, environment: Environment = {}): FatalError {
  try {
    load(yaml, environment);
  } catch (error) {
    assert.ok(error instanceof FatalError, String(error));
    return error;
  }
  assert.fail('The configuration was accepted.');
}

function onlySource(config: Config): SourceConfig {
  const [source] = config.sources;
  assert.ok(source);
  return source;
}

function options(source: SourceConfig): FakeOptions {
  return source.options as unknown as FakeOptions;
}

const good = 'sources: { a: { kind: fake, chain: "eip155:1", http: ["https://node.example"] } }';

describe('a configuration that is right', () => {
  it('has every default, and all datasets of the source on topics by the template', () => {
    const config = load(good);
    assert.deepEqual(config.kafka.brokers, ['127.0.0.1:9092']);
    assert.equal(config.kafka.tls, null);
    assert.equal(config.kafka.sasl, null);
    assert.equal(config.topics.checkpoints, 'ommer.checkpoints');
    const source = onlySource(config);
    assert.equal(source.delivery, 'exactly_once');
    assert.equal(source.controlTopic, 'ommer.eip155-1.control');
    assert.deepEqual(
      source.routes.map(({ topic, subject, envelope, partitions }) => [
        topic,
        subject,
        envelope,
        partitions,
      ]),
      [
        ['ommer.eip155-1.blocks', 'evm/blocks', 'flat', 6],
        ['ommer.eip155-1.logs', 'evm/logs', 'flat', 6],
      ],
    );
    assert.deepEqual(source.options, {
      chain: 'eip155:1',
      http: ['https://node.example'],
      apiKey: null,
      start: 'latest',
      pollMs: 1000,
    });
  });

  it('is frozen to its leaves', () => {
    const source = onlySource(load(good));
    assert.ok(Object.isFrozen(source));
    assert.ok(Object.isFrozen(options(source).http));
  });

  it('takes a second route of a dataset, pinned values and a named chain', () => {
    const config = load(`
topics: { chainNames: { "eip155:1": mainnet } }
sources:
  a:
    kind: fake
    chain: "eip155:1"
    http: https://node.example
    datasets: logs
    routes:
      logs: { partitions: { "*": 4, "0xAb.cd": 0 } }
      logs_cdc: { dataset: logs, envelope: debezium, retentionMs: 1000 }
`);
    assert.deepEqual(
      onlySource(config).routes.map((route) => [
        route.topic,
        route.envelope,
        route.partitions,
        route.pinned,
      ]),
      [
        ['ommer.mainnet.logs', 'flat', 4, { '0xAb.cd': 0 }],
        ['ommer.mainnet.logs_cdc', 'debezium', 6, {}],
      ],
    );
  });

  it('has state and final topics beside the changelogs that want them', () => {
    const [blocks, logs] = onlySource(
      load(
        good.replace(
          'http:',
          'routes: { logs: { topic: t, retentionMs: 5, state: { enabled: true, partial: true }, final: { enabled: true } } }, http:',
        ),
      ),
    ).routes;
    assert.equal(blocks?.state, null);
    assert.equal(blocks?.final, null);
    assert.deepEqual(logs?.state, { topic: 't.state', isPartial: true, keysMax: 1_000_000 });
    assert.deepEqual(logs?.final, { topic: 't.final', isPartial: false, retentionMs: 5 });
  });

  it('takes secrets from the environment and from files next to it', () => {
    writeFileSync(join(dir, 'ca.pem'), 'PEM TEXT\n');
    const config = load(
      `kafka:
  tls: { enabled: true, ca: { file: ca.pem } }
  sasl: { mechanism: plain, username: u, password: { env: KAFKA_PASSWORD } }
${good}`,
      { KAFKA_PASSWORD: 'hunter2' },
    );
    assert.equal(config.kafka.tls?.ca, 'PEM TEXT');
    assert.deepEqual(config.kafka.sasl, {
      mechanism: 'plain',
      username: 'u',
      password: 'hunter2',
    });
  });
});

describe('the environment', () => {
  it('goes before the file, for lists, numbers, switches, sources and routes', () => {
    const config = load(`kafka: { brokers: ["file:1"] }\n${good}`, {
      OMMER_KAFKA_BROKERS: 'a:1, b:2',
      OMMER_HTTP_PORT: '9999',
      OMMER_HTTP_ENABLED: 'false',
      OMMER_SOURCES_A_HTTP: 'https://other.example',
      OMMER_SOURCES_A_START: '17',
      OMMER_SOURCES_A_ROUTES_LOGS_PARTITIONS: '{"*": 3, "x": 1}',
      OMMER_LOG_LEVEL: '',
    });
    assert.deepEqual(config.kafka.brokers, ['a:1', 'b:2']);
    assert.equal(config.http.port, 9999);
    assert.equal(config.http.enabled, false);
    assert.equal(config.log.level, 'info');
    const source = onlySource(config);
    assert.deepEqual(options(source).http, ['https://other.example']);
    assert.equal(options(source).start, 17);
    assert.deepEqual(source.routes[1]?.pinned, { x: 1 });
  });

  it('is named in the mistake when it gave the wrong value', () => {
    const { message } = refusal(good, { OMMER_HTTP_PORT: '80x', OMMER_HTTP_ENABLED: 'yes' });
    assert.match(message, /OMMER_HTTP_PORT \(http\.port\): is "80x", expected a whole number/);
    assert.match(message, /OMMER_HTTP_ENABLED \(http\.enabled\): is "yes", expected true or false/);
  });
});

describe('a configuration with mistakes', () => {
  it('is refused once, with every mistake of every part', () => {
    const error = refusal(`
kafka: { brokers: ["nohost"], clientID: x, tls: { cert: PEM } }
registry: { url: ftp://x }
topics: { partitions: 0 }
htpp: { port: 1 }
supervisor: { backoffMinMs: 10, backoffMaxMs: 5 }
sources:
  a: { kind: fake, http: [], pollMs: -1, routes: { logz: {} } }
  b: { kind: fake, chain: c, http: [] }
  c: { kind: fak }
  D: { kind: fake }
  e: { kind: fake, chain: e, http: ["https://x"], datasets: [blocks], routes: { logs: { topic: t } } }
  f: { kind: fake, chain: e, http: ["https://x"], datasets: [blocks] }
  g: { kind: fake, chain: g, http: [{ env: UNSET }], apiKey: { file: none.key } }
`);
    assert.equal(error.code, 'config.invalid');
    for (const expected of [
      'kafka.brokers: is ["nohost"], expected a list of host:port',
      'kafka.clientID: is not an option; did you mean "clientId"?',
      'kafka.tls.enabled: is false, but certificates are given',
      'kafka.tls.key: is missing',
      'registry.url: is "ftp://x", expected an address that starts with http:// or https://',
      'topics.partitions: is 0, expected a whole number between 1 and 10000',
      'htpp: is not an option; did you mean "http"?',
      'supervisor.backoffMaxMs: is 5, expected at least supervisor.backoffMinMs (10)',
      'sources.a.chain: is missing, expected text',
      'sources.a.pollMs: is -1, expected a whole number of at least 0',
      'sources.a.routes.logz.dataset: is missing, expected one of blocks, logs',
      'sources.b.http: is empty, expected an endpoint',
      'sources.c.kind: is "fak", expected one of fake; did you mean "fake"?',
      'sources.D: is not a source name',
      'sources.e.routes.logs: routes the dataset "logs", which sources.e.datasets does not choose',
      'sources.f.routes.blocks: writes the topic "ommer.e.blocks", which sources.e.routes.blocks writes too',
      'sources.g.http: refers to the environment variable UNSET, which is not set',
      'sources.g.apiKey: refers to the file none.key, which cannot be read (ENOENT)',
    ]) {
      assert.ok(error.message.includes(expected), `${expected}\nis not in\n${error.message}`);
    }
    assert.equal(error.message.split('\n').length - 2, 18, error.message);
  });

  for (const [what, yaml, expected] of [
    ['no sources', 'kafka: {}', /sources: is missing/],
    ['an empty file', '', /sources: is missing/],
    ['no mapping', '- 1', /file: is not a mapping/],
    ['broken YAML', 'a: [', /line 1, column \d+: is not valid YAML/],
    ['a doubled key', 'a: 1\na: 2', /line 2, column \d+: is not valid YAML \(duplicate key\)/],
    ['a text for a group', `kafka: x\n${good}`, /kafka: is a string, expected a mapping/],
    [
      'the upsert envelope',
      good.replace('http:', 'routes: { logs: { envelope: upsert } }, http:'),
      /routes\.logs\.envelope: is "upsert"/,
    ],
    [
      'final rows of a source that may publish twice',
      good.replace(
        'http:',
        'delivery: low_latency, routes: { logs: { final: { enabled: true } } }, http:',
      ),
      /routes\.logs\.final\.enabled: is true, but .* low_latency/,
    ],
    [
      'a topic that another route keeps for its state',
      good.replace(
        'http:',
        'routes: { blocks: { topic: t.state }, logs: { topic: t, state: { enabled: true } } }, http:',
      ),
      /routes\.logs\.state: writes the topic "t\.state", which sources\.a\.routes\.blocks writes too/,
    ],
    [
      'a pin beyond the count',
      good.replace('http:', 'routes: { logs: { partitions: { x: 6 } } }, http:'),
      /pins "x" to partition 6/,
    ],
    [
      'pins on all partitions',
      good.replace('http:', 'routes: { logs: { partitions: { "*": 1, x: 0 } } }, http:'),
      /pins all 1 partitions/,
    ],
    [
      'a quoted number',
      `http: { port: "80" }\n${good}`,
      /http\.port: is "80", expected a whole number/,
    ],
    [
      'scram without password',
      `kafka: { sasl: { mechanism: scram-sha-256, username: u } }\n${good}`,
      /kafka\.sasl\.password: is missing, expected a value for mechanism scram-sha-256/,
    ],
    [
      'registry user without password',
      `registry: { auth: { username: u } }\n${good}`,
      /registry\.auth\.password: is missing/,
    ],
    [
      'a key of the prototype',
      `constructor: 1\n__proto__: { x: 1 }\n${good}`,
      /constructor: is not an option/,
    ],
  ] as const) {
    it(`with ${what} is refused`, () => {
      const error = refusal(yaml);
      assert.equal(error.code, 'config.invalid');
      assert.match(error.message, expected);
    });
  }

  it('that cannot be read is refused with a code of its own', () => {
    const missing = join(dir, 'missing.yaml');
    assert.throws(
      () => loadConfig({ file: missing, environment: {}, definitions }),
      (error) =>
        error instanceof FatalError &&
        error.code === 'config.unreadable' &&
        /ENOENT/.test(error.message),
    );
  });

  it('accepts two sources on one topic name when the template tells them apart', () => {
    const config = load(`
topics: { template: "{prefix}.{chain}.{source}.{dataset}" }
sources:
  a: { kind: fake, chain: c, http: ["https://x"] }
  b: { kind: fake, chain: c, http: ["https://x"] }
`);
    assert.equal(config.sources.length, 2);
  });
});
