import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { packageRoot } from '../../../src/devnet/paths.ts';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface DockerConfig {
  readonly kafka: { readonly brokers: readonly string[] };
  readonly registry: { readonly url: string };
  readonly http: { readonly host: string; readonly port: number };
  readonly sources: Readonly<Record<string, { readonly http: string[]; readonly ws: string[] }>>;
}

function read(path: string): Promise<string> {
  return readFile(join(packageRoot, path), 'utf8');
}

const { services } = parse(await read('docker-compose.yml')) as {
  services: Readonly<Record<string, Service>>;
};
const config = parse(await read('config/docker.yaml')) as DockerConfig;
const dockerfile = await read('Dockerfile');

/** Ports that each service listens on inside the compose network. */
const listening: Readonly<Record<string, string>> = {
  kafka: '9092',
  registry: '8080',
  anvil: '8545',
};

function assertReaches(address: string): void {
  const { hostname, port } = new URL(address);
  assert.ok(services[hostname], `${address} names no service`);
  assert.equal(port, listening[hostname], `${address} has the wrong port`);
}

test('every service has a pinned image or our build, and a health check', () => {
  assert.deepEqual(Object.keys(services).sort(), [
    'anvil',
    'kafka',
    'ommer',
    'registry',
    'traffic',
  ]);
  for (const [name, service] of Object.entries(services)) {
    if (service.build === undefined) assert.match(service.image ?? '', /:v?\d+\.\d+\.\d+$/, name);
    else assert.equal(service.build, '.', name);
    assert.ok((service.healthcheck?.test ?? []).length > 1, `${name} has no health check`);
  }
});

test('the versions are those of the devnet without Docker', async () => {
  const pom = await read('devnet/pom.xml');
  const { dependencies } = JSON.parse(await read('package.json')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const versionOf = (service: string): string | undefined =>
    services[service]?.image?.split(':')[1];
  assert.ok(pom.includes(`<kafka.version>${versionOf('kafka')}<`));
  assert.ok(pom.includes(`<apicurio.version>${versionOf('registry')}<`));
  assert.equal(versionOf('anvil'), `v${dependencies['@foundry-rs/anvil']}`);
});

test('whoever depends on a service waits for its health', () => {
  assert.deepEqual(Object.keys(services['ommer']?.depends_on ?? {}).sort(), [
    'anvil',
    'kafka',
    'registry',
  ]);
  for (const service of Object.values(services)) {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.ok(services[name], `${name} is no service`);
      assert.equal(condition, 'service_healthy');
    }
  }
});

test('the addresses of config/docker.yaml are services and their ports', () => {
  for (const broker of config.kafka.brokers) assertReaches(`kafka://${broker}`);
  assertReaches(config.registry.url);
  const sources = Object.values(config.sources);
  assert.equal(sources.length, 1);
  for (const address of sources.flatMap((source) => [...source.http, ...source.ws])) {
    assertReaches(address);
  }
  const advertised = String(services['kafka']?.environment?.['KAFKA_ADVERTISED_LISTENERS']);
  for (const broker of config.kafka.brokers) assert.ok(advertised.includes(`//${broker}`));
  assert.ok(services['anvil']?.command?.includes('8545'));
});

test('ommer runs with that file and is asked for its health where it listens', () => {
  assert.deepEqual(services['ommer']?.command, ['run', '--config', 'config/docker.yaml']);
  assert.deepEqual(config.http, { host: '0.0.0.0', port: 8080 });
  assert.deepEqual(services['ommer']?.healthcheck?.test, ['CMD', 'node', 'devnet/healthcheck.mjs']);
});

test('the image runs unprivileged and without a shell in between', () => {
  const lastStage = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
  assert.match(lastStage, /^USER node$/m);
  assert.match(lastStage, /^ENTRYPOINT \["node", /m);
  assert.match(lastStage, /^HEALTHCHECK /m);
  assert.doesNotMatch(lastStage, /npm/);
});

test('the image and the scripts give ommer the same room for young objects', async () => {
  const { scripts } = JSON.parse(await read('package.json'));
  const room = /--max-semi-space-size=\d+/;
  const wanted = room.exec(dockerfile)?.[0] ?? 'none in the Dockerfile';
  for (const script of [scripts.start, scripts.ommer, await read('scripts/bench.mjs')]) {
    assert.equal(room.exec(script)?.[0], wanted);
  }
});

test('what the image copies is not ignored', async () => {
  const ignore = await read('.dockerignore');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
    String(match[1]).split(' '),
  );
  assert.ok(copied.length > 5);
  for (const path of copied) assert.ok(ignore.split('\n').includes(`!${path}`), path);
});
