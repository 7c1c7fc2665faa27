import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Registry, startRegistry } from '../../../src/devnet/registry.ts';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';
import { RegistryClient } from '../../../src/encoding/registry-client.ts';
import type { SchemaIds } from '../../../src/encoding/route.ts';
import {
  changelogSchemas,
  commonSchemas,
  SchemaRegistration,
  subjectsOf,
  type TopicSchemas,
} from '../../../src/encoding/schema-registration.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import {
  encoderOf,
  eventOf,
  origin,
  publishedAtUs,
  reorg,
  routeOf,
} from '../../unit/encoding/samples.ts';

const logs = routeOf('logs', 'flat');
const topics: readonly TopicSchemas[] = [
  changelogSchemas(logs),
  changelogSchemas(routeOf('logs', 'debezium')),
  commonSchemas('checkpoint', 'ommer.checkpoints'),
];

// A restart costs seconds: the tests share what is registered, and only the last one spoils it.
let dataDir: string;
let registry: Registry;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ommer-encoding-'));
  registry = await startRegistry({ dataDir });
});

after(async () => {
  await registry?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

function clientOf(url: string = registry.url): RegistryClient {
  return new RegistryClient({
    url,
    auth: null,
    timeoutMs: 10_000,
    attemptsMax: 3,
    retryDelayMs: 50,
    clock: { nowMs: Date.now, nowUs: () => Date.now() * 1000, sleep: (ms) => delay(ms) },
    random: () => 0.5,
  });
}

async function rejection(promise: Promise<unknown>): Promise<PipelineError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof PipelineError, String(error));
  return error;
}

test('registering twice gives the same ids, and the registry returns the very text', async () => {
  const first = await new SchemaRegistration(clientOf(), topics).register();
  const client = clientOf();
  assert.deepEqual(await new SchemaRegistration(client, topics).register(), first);
  for (const { subject, text } of subjectsOf(topics)) {
    const ids = first.get(subject.replace(/-(key|value)$/, ''));
    assert.equal(await client.byId((subject.endsWith('-key') ? ids?.key : ids?.value) ?? -1), text);
    assert.deepEqual(await client.versions(subject), [1]);
  }
  assert.deepEqual(
    [...(await client.subjects())].sort(),
    subjectsOf(topics).map((s) => s.subject),
  );
});

test('after register a subject refuses a new field without a default, with the reason', async () => {
  const client = clientOf();
  const registration = new SchemaRegistration(client, topics);
  await registration.register();
  const { value } = changelogSchemas(logs);
  const field = { name: 'added', type: 'string', doc: 'New.' };
  const text = canonicalText({ ...value, fields: [...value.fields, field] });
  const error = await rejection(client.register(`${logs.topic}-value`, text));
  assert.equal(error.code, 'registry.incompatible_schema');
  assert.match(error.message, /-value already has a schema .*added.*topics\.prefix/is);
});

test('an unknown schema id and an unreachable registry say what to do', async () => {
  const unknown = await rejection(clientOf().byId(987_654));
  assert.equal(unknown.code, 'registry.unknown_schema_id');
  assert.match(unknown.message, /987654/);
  const unreachable = await rejection(clientOf('http://127.0.0.1:1/').subjects());
  assert.equal(unreachable.code, 'registry.unreachable');
  assert.match(unreachable.message, /in 3 attempts.*registry\.url/);
});

test('a record of an older version is retracted under its id, and a registry restarted empty gets all ids back', async () => {
  const registration = new SchemaRegistration(clientOf(), topics);
  const oldIds = await registration.register();
  const [record] = encoderOf([logs], { schemaIds: oldIds }).insert(eventOf('logs'), origin, {
    incarnation: 1,
    publishedAtUs,
  });
  assert.ok(record);
  const { dataset } = logs;
  const added = { name: 'added', type: ['null', 'string'], doc: 'New.', default: null } as const;
  const row = { ...dataset.row, fields: [...dataset.row.fields, added] };
  const newer = { ...logs, dataset: { ...dataset, row } };
  const newTopics = [changelogSchemas(newer), ...topics.slice(1)];
  const newRegistration = new SchemaRegistration(clientOf(), newTopics);
  const newIds = await newRegistration.register();
  assert.notDeepEqual(newIds.get(logs.topic)?.value, oldIds.get(logs.topic)?.value);
  const encoder = encoderOf([newer], {
    schemaIds: newIds,
    schemaById: (id, topic) => newRegistration.textOf(id, topic),
  });
  const stored = await encoder.read({ ...record, offset: 0 });
  assert.deepEqual(stored.record, record);
  const times = { publishedAtUs, receivedAtUs: publishedAtUs };
  const retraction = encoder.retract(stored.record, reorg, times);
  const sameProgram = encoderOf([logs], { schemaIds: oldIds }).retract(record, reorg, times);
  assert.deepEqual(retraction, sameProgram);
  await healsAfterRestart(newRegistration, { topics: newTopics, ids: newIds, oldIds });
});

/** A registry that was restarted empty gets the same ids back, also those of older versions. */
async function healsAfterRestart(
  registration: SchemaRegistration,
  known: {
    readonly topics: readonly TopicSchemas[];
    readonly ids: ReadonlyMap<string, SchemaIds>;
    readonly oldIds: ReadonlyMap<string, SchemaIds>;
  },
): Promise<void> {
  assert.deepEqual(await registration.verifyNext(), { kind: 'intact' });
  const { url } = registry;
  await registry.restart({ empty: true });
  assert.equal(registry.url, url);
  assert.deepEqual(await clientOf().subjects(), []);
  const healed = await registration.verifyNext();
  assert.deepEqual(
    healed.kind === 'healed' && healed.subjects.slice().sort(),
    [...subjectsOf(known.topics).map(({ subject }) => subject), `${logs.topic}-value`].sort(),
  );
  assert.deepEqual(await new SchemaRegistration(clientOf(), known.topics).register(), known.ids);
  assert.deepEqual(await clientOf().versions(`${logs.topic}-value`), [1, 2]);
  const { value: oldId } = known.oldIds.get(logs.topic) ?? { value: -1 };
  assert.equal(await clientOf().byId(oldId), canonicalText(changelogSchemas(logs).value));
  const foreign = canonicalText(topics[2]?.value ?? logs.dataset.row);
  const error = await rejection(clientOf().register(`${logs.topic}-value`, foreign));
  assert.equal(error.code, 'registry.incompatible_schema', 'the compatibility came back too');
}

test('a registry whose ids mean something else is fatal and says which', async () => {
  const registration = new SchemaRegistration(clientOf(), topics);
  const ids = await registration.register();
  await registry.restart({ empty: true });
  await clientOf().register('foreign-value', '"long"');
  const error = await rejection(registration.verify());
  assert.equal(error.code, 'registry.ids_changed');
  assert.equal(
    error.context['schemaId'],
    Math.min(...[...ids.values()].flatMap((i) => [i.key, i.value])),
  );
  assert.match(error.message, /restore the registry's data/);
  assert.deepEqual(await clientOf().subjects(), ['foreign-value'], 'nothing was registered');
});
