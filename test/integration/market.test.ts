/** Market data on a real broker: a successor takes over while the first instance still holds its session. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { prepareTopics } from '../../src/cli/compose/prepare-topics.ts';
import { SourceMonitor } from '../../src/cli/compose/source-monitor.ts';
import { createSourceTask } from '../../src/cli/compose/source-parts.ts';
import { registryFrom } from '../../src/cli/configuration.ts';
import { topicSchemas } from '../../src/cli/topic-schemas.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openReader } from '../../src/consumer.ts';
import { SchemaRegistration } from '../../src/encoding/schema-registration.ts';
import { systemClock as clock } from '../../src/model/system-clock.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createStatusBoard } from '../../src/observability/status.ts';
import { PartitionReader } from '../../src/publishing/partition-reader.ts';
import {
  type ScriptedTrade,
  scriptedDefinition,
  scriptedVenue,
} from '../support/market/scripted-venue.ts';
import { Site } from '../support/operator/site.ts';
import { joinDevnet, type SharedDevnet } from '../support/shared-devnet.ts';

type Delivery = 'exactly_once' | 'low_latency';

const logger = createLogger({
  ...{ level: 'silent', format: 'json', output: process.stderr, hasColors: false },
});
let devnet: SharedDevnet;
let site: Site;

before(async () => {
  devnet = await joinDevnet();
  site = new Site(devnet);
});

after(async () => {
  site?.remove();
  await devnet?.leave();
});

const symbols = ['BTC', 'ETH', 'SOL'];

function trades(from: number, to: number, price: string): ScriptedTrade[] {
  return Array.from({ length: to - from }, (_, index) => {
    const id = from + index;
    return { symbol: symbols[id % symbols.length] ?? '', id, price };
  });
}

/** One instance of the source; it runs until it is stopped or fenced. */
async function start(delivery: Delivery, batches: readonly (readonly ScriptedTrade[])[]) {
  const definition = scriptedDefinition(batches);
  const prefix = `market-${delivery}`;
  const file = site.file(
    JSON.stringify({
      kafka: { brokers: site.brokers },
      registry: { url: site.registryUrl },
      topics: { prefix, partitions: 2 },
      // No checkpoint but the first: what a successor knows it has from the topics.
      publishing: { transactionalIdPrefix: prefix, checkpointEveryMs: 60_000 },
      http: { port: 0 },
      sources: { perps: { kind: 'oxarchive', delivery } },
    }),
  );
  const config = loadConfig({ file, environment: {}, definitions: { oxarchive: definition } });
  const [source] = config.sources;
  assert.ok(source);
  const partitions = await prepareTopics(config, config.sources, logger);
  const registration = new SchemaRegistration(
    registryFrom(config),
    topicSchemas(config, config.sources),
  );
  const schemaIds = await registration.register();
  const reader = new PartitionReader({
    ...{ kafka: config.kafka, clock, logger, stallTimeoutMs: 60_000 },
  });
  const metrics = createMetrics();
  const board = createStatusBoard(() => clock.nowMs()).source('perps', {
    kind: 'oxarchive',
    chain: scriptedVenue,
  });
  const monitor = new SourceMonitor({ source: 'perps', board, logger, metrics, clock });
  const stop = new AbortController();
  const task = createSourceTask({
    ...{ config, source, definition, registration, schemaIds, partitions, reader },
    ...{ clock, logger, metrics, monitor },
  });
  const ended = task.run(stop.signal).finally(() => reader.close());
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

interface Seen {
  readonly id: string;
  readonly text: string;
}

/** What a reader of the library is handed, in the order of each partition. */
async function read(delivery: Delivery, count: number): Promise<Seen[]> {
  const reader = openReader({
    kafka: { brokers: devnet.brokers },
    registry: { url: devnet.registry },
    topics: [{ dataset: 'oxarchive/trades', chain: scriptedVenue, prefix: `market-${delivery}` }],
  });
  const seen: Seen[] = [];
  for await (const { isRetraction, row, meta } of reader.changes()) {
    const text = `${isRetraction ? '-' : '+'}${row.price}#${meta.incarnation}`;
    seen.push({ id: meta.eventId, text });
    if (seen.length === count) break;
  }
  await reader.close();
  return seen;
}

function historyOf(seen: readonly Seen[], { symbol, id }: ScriptedTrade): string {
  const own = seen.filter(
    (each) => each.id === `${scriptedVenue}/oxarchive/trades/${symbol}/${id}`,
  );
  return own.map(({ text }) => text).join(' ');
}

for (const delivery of ['exactly_once', 'low_latency'] as const) {
  test(`a successor neither doubles nor takes back a row, and corrects exactly (${delivery})`, {
    timeout: 120_000,
  }, async () => {
    const first = await start(delivery, [
      trades(0, 40, '1'),
      trades(30, 60, '1'),
      trades(0, 10, '2'),
    ]);
    assert.equal((await read(delivery, 80)).length, 80);
    const second = await start(delivery, [
      trades(10, 60, '1'),
      trades(0, 10, '2'),
      trades(5, 20, '3'),
      trades(60, 70, '1'),
    ]);
    const seen = await read(delivery, 80 + 30 + 10);
    for (const trade of trades(0, 5, '')) assert.equal(historyOf(seen, trade), '+1#1 -1#1 +2#2');
    for (const trade of trades(5, 10, '')) {
      assert.equal(historyOf(seen, trade), '+1#1 -1#1 +2#2 -2#2 +3#3');
    }
    for (const trade of trades(10, 20, '')) assert.equal(historyOf(seen, trade), '+1#1 -1#1 +3#2');
    for (const trade of trades(20, 70, '')) assert.equal(historyOf(seen, trade), '+1#1');
    await second.stop();
    await first.stop().catch(() => undefined);
  });
}
