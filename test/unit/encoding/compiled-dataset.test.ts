import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompiledRoute } from '../../../src/encoding/compiled-dataset.ts';
import { valueSchema } from '../../../src/encoding/envelope.ts';
import { PartitionTable } from '../../../src/encoding/partition-table.ts';
import { layoutOf } from '../../../src/encoding/value-layout.ts';
import { eventOf, origin, routeOf, rows } from './samples.ts';

test('a routing column that holds more than one value is refused by its name', () => {
  const route = routeOf('logs', 'flat', { routing: ['topics'] });
  const compiled = new CompiledRoute(route, {
    ids: { key: 1, value: 2 },
    layout: layoutOf(valueSchema(route.dataset, route.envelope)),
    partitions: new PartitionTable({ counts: [], pinned: new Map() }),
  });
  const partition = () =>
    compiled.partitionOf(eventOf('logs', { ...rows.logs, topics: [] }), origin);
  assert.throws(partition, {
    code: 'row.invalid',
    message: /logs: routing column "topics" is not/,
  });
});
