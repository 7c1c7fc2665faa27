/** Every pitfall that docs/engines.md says is met, is met where it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './tree.ts';

const files: Readonly<Record<string, readonly string[]>> = {
  ksqldb: ['statements.sql', 'market.sql', 'market-views.sql'],
  flink: ['statements.sql', 'market.sql', 'watch-market.sql'],
  clickhouse: ['statements.sql', 'market.sql', 'market-views.sql'],
  'kafka-streams': ['OmmerTopology.java'],
};

test('each pitfall of docs/engines.md is prevented or named by the statements of its engine', () => {
  const rows = [
    ...read('docs/engines.md').matchAll(
      /^\| ([^|]+) \| ([a-z-]+) \| (prevented|named) \| (never )?(`+) ?(.+?) ?\5 \|$/gm,
    ),
  ];
  assert.ok(rows.length > 55, `${rows.length} rows`);
  for (const [, pitfall, engine = '', how, never, , text = ''] of rows) {
    const names = files[engine];
    assert.ok(names !== undefined, engine);
    const isComment = (line: string): boolean => /^(?:.*\s)?(?:--|\/\/) .*$/.test(line);
    const lines = names.flatMap((name) => read(`examples/${engine}/${name}`).split('\n'));
    const found = lines.filter((line) => line.includes(text));
    const place = `${engine}, ${pitfall}: ${text}`;
    if (never !== undefined) assert.equal(found.length, 0, place);
    else assert.ok(found.length > 0, place);
    if (how === 'named') assert.ok(found.every(isComment), place);
  }
  const listed = read('docs/engines.md').match(/^\| .* \| (?:prevented|named) \|/gm) ?? [];
  assert.equal(rows.length, listed.length, 'every row of the table is read');
});
