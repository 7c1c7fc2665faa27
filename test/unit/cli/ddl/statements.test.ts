/** What holds of the statements for every dataset, kind of topic and delivery. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clickhouseStatements } from '../../../../src/cli/ddl/clickhouse.ts';
import { flinkStatements } from '../../../../src/cli/ddl/flink.ts';
import { kafkaStreamsProgram } from '../../../../src/cli/ddl/kafka-streams.ts';
import { ksqldbStatements } from '../../../../src/cli/ddl/ksqldb.ts';
import { type Access, amountOf, type TopicShape } from '../../../../src/cli/ddl/topic-shape.ts';
import { quotedNames } from '../../../../src/encoding/reserved-names.ts';
import { read } from '../../docs/tree.ts';
import { readStatements } from './ksqldb-grammar.ts';
import { everyShape, guardedAccess, split } from './worlds.ts';

type Generate = (shapes: readonly TopicShape[], access: Access) => string;
const sql: Readonly<Record<string, Generate>> = {
  ksqldb: ksqldbStatements,
  flink: flinkStatements,
  clickhouse: clickhouseStatements,
};
const shapes = everyShape();

/** Statements without comments, each without its semicolon. */
function statementsOf(generate: Generate, shape: TopicShape): string[] {
  const { code } = split(generate([shape], guardedAccess), '--');
  return code.split(/;\n|;$/).filter((statement) => statement.trim() !== '');
}

function created(generate: Generate, shape: TopicShape, name: string): string {
  const pattern = new RegExp(`^CREATE (?:STREAM|TABLE) \`?${name}\`? \\(`);
  const found = statementsOf(generate, shape).find((statement) => pattern.test(statement));
  assert.ok(found !== undefined, `${name} is declared`);
  return found;
}

function assertBalanced(statement: string): void {
  assert.match(statement, /^(?:SET|CREATE) /);
  const bare = statement.replaceAll(/'[^']*'|->|<>|[<>] 0|sign < 0/g, '');
  for (const [open = '', close = ''] of ['()', '<>'].map((pair) => [...pair])) {
    assert.equal(bare.split(open).length, bare.split(close).length, statement);
  }
}

/** What the engine is told of: a debezium route shows some only elsewhere, or never holds them. */
function columnsIn(engine: string, shape: TopicShape): string[] {
  const hidden = shape.kind === 'debezium' ? ['transaction'] : [];
  if (shape.kind === 'debezium' && engine === 'flink') hidden.push('source');
  if (engine === 'clickhouse' && !['flat', 'final'].includes(shape.kind)) return [];
  const names = [...shape.row, ...shape.tail].map(({ name }) => name);
  return names.filter((name) => !hidden.includes(name));
}

/** The statements over both halves of a Debezium envelope, not over its table. */
function streamStatements(shape: TopicShape): string[] {
  return statementsOf(ksqldbStatements, shape).filter((text) => !/FROM \w+_by_key/.test(text));
}

describe('a total', () => {
  it('is of base units, never of prices, nor of what is always null', () => {
    const amounts = new Map(shapes.map((shape) => [shape.dataset.subject, amountOf(shape)?.text]));
    assert.equal(amounts.get('blockdb/prices_spot_ohlc'), 'volume_in_raw');
    assert.equal(amounts.get('blockdb/prices_spot_prints'), undefined);
    assert.equal(amounts.get('blockdb/tvl_usd'), undefined);
    assert.equal(amounts.get('evm/token_transfers'), 'amount');
  });
});

describe('a book', () => {
  const book = (kind: TopicShape['kind'], subject = 'oxarchive/book_deltas') => {
    const found = shapes.find((shape) => shape.kind === kind && shape.dataset.subject === subject);
    assert.ok(found);
    return found;
  };

  it('is a list of records in every engine', () => {
    const level = '`price` String, `quantity` String, `orders` Int32';
    assert.match(
      clickhouseStatements([book('flat')], guardedAccess),
      new RegExp(`\\n {2}\`bids\` Array\\(Tuple\\(${level}\\)\\)`),
    );
    assert.match(
      flinkStatements([book('flat')], guardedAccess),
      /\n {2}`asks` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL/,
    );
    assert.match(
      ksqldbStatements([book('flat')]),
      /\n {2}bids ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>/,
    );
    const orders = book('flat', 'oxarchive/order_snapshots');
    assert.match(
      clickhouseStatements([orders], guardedAccess),
      /`account` Nullable\(String\), `price`/,
    );
  });

  it('has its time and no height', () => {
    for (const kind of ['flat', 'debezium', 'state', 'final'] as const) {
      for (const generate of Object.values(sql)) {
        const { code } = split(generate([book(kind)], guardedAccess), '--');
        assert.doesNotMatch(code, /\b(?:height|block_time)\b/);
      }
    }
    const tops = book('flat', 'oxarchive/book_tops');
    const state = { ...book('state', 'oxarchive/book_tops'), topic: `${tops.topic}.state` };
    assert.match(
      clickhouseStatements([tops, state], guardedAccess),
      /\n {2}ORDER BY epoch DESC, sequence DESC, incarnation DESC\n/,
    );
    const flat = clickhouseStatements([book('flat')], guardedAccess);
    assert.match(flat, /ORDER BY \(chain, symbol, event_time, event_id\)/);
    const final = flinkStatements([book('final')], guardedAccess);
    assert.match(final, /WATERMARK FOR `event_time` AS `event_time` - INTERVAL '1' SECOND/);
  });
});

describe('every statement', () => {
  it('is whole: brackets close, and comments hold nothing that could end it', () => {
    assert.ok(shapes.length >= 42);
    for (const [engine, generate] of Object.entries(sql)) {
      for (const shape of shapes) {
        const { code, comments } = split(generate([shape], guardedAccess), '--');
        for (const comment of comments) assert.doesNotMatch(comment, /[;'"`]/, engine);
        assert.match(code, /(?:^|;)$/, `${engine} ${shape.name} ends with a semicolon`);
        statementsOf(generate, shape).forEach(assertBalanced);
      }
    }
  });

  it('names every column of its topic', () => {
    for (const shape of shapes) {
      for (const [engine, generate] of Object.entries(sql)) {
        const text = generate([shape], guardedAccess);
        for (const name of columnsIn(engine, shape)) {
          assert.match(text, new RegExp(`\\b${name}\\b`, 'i'), `${engine} ${shape.name} ${name}`);
        }
      }
    }
  });

  it('is the same every time', () => {
    for (const generate of [...Object.values(sql), kafkaStreamsProgram]) {
      assert.equal(generate(shapes, guardedAccess), generate(everyShape(), guardedAccess));
    }
  });

  it('reads committed records only', () => {
    for (const shape of shapes) {
      assert.match(ksqldbStatements([shape]), /^SET 'processing\.guarantee'='exactly_once_v2';/m);
      for (const statement of statementsOf(flinkStatements, shape)) {
        if (!statement.startsWith('CREATE TABLE')) continue;
        assert.match(statement, /'properties\.isolation\.level' = 'read_committed'/);
      }
      assert.match(
        kafkaStreamsProgram([shape], guardedAccess),
        /"processing\.guarantee", "exactly_once_v2"/,
      );
    }
  });

  it('makes sums of signs only where every record stands once', () => {
    for (const shape of shapes.filter(({ delivery }) => delivery === 'low_latency')) {
      assert.doesNotMatch(split(ksqldbStatements([shape]), '--').code, /SUM\((?:CAST\()?sign/);
      const flink = split(flinkStatements([shape], guardedAccess), '--').code;
      assert.doesNotMatch(flink, /SUM\((?:CAST\()?`sign|SUM\(CASE WHEN `sign/);
      assert.doesNotMatch(kafkaStreamsProgram([shape], guardedAccess), /^ {4}signs\(/m);
      assert.doesNotMatch(clickhouseStatements([shape], guardedAccess), /= VersionedCollapsing/);
    }
  });
});

describe('for ksqlDB', () => {
  it('every statement follows the grammar, and what does not is noticed', () => {
    for (const shape of shapes) assert.ok(readStatements(ksqldbStatements([shape])) > 4);
    assert.equal(readStatements(read('examples/ksqldb/market-views.sql')), 3);
    for (const [wrong, problem] of [
      ["CREATE STREAM s (size BIGINT) WITH (KAFKA_TOPIC='t');", /size is reserved/],
      ['CREATE TABLE t AS SELECT a FROM s GROUP BY a HAVING n > 0;', /expected EMIT/],
      ['CREATE TABLE t AS SELECT a, FROM s EMIT CHANGES;', /FROM is reserved/],
      ["CREATE TABLE t (a VARCHAR) WITH (KAFKA_TOPIC='t')", /expected ;/],
      ["CREATE STREAM s (a STRING(3)) WITH (KAFKA_TOPIC='t');", /expected a type/],
      ['CREATE TABLE t AS SELECT before->`from` FROM s EMIT CHANGES;', /cannot be read/],
    ] as const) {
      assert.throws(() => readStatements(wrong), problem);
    }
  });

  it('the key columns are the fields of the key record, one by one, and stand in no other place', () => {
    for (const shape of shapes.filter(({ kind }) => kind !== 'final')) {
      const name = shape.kind === 'state' ? shape.name : `${shape.name}_by_key`;
      const statement = created(ksqldbStatements, shape, name);
      const keys = [...statement.matchAll(/^ {2}`?(\w+)`? \S+ PRIMARY KEY/gm)].map(
        ([, key]) => key,
      );
      assert.deepEqual(
        keys.map((key) => key?.toLowerCase()),
        shape.key.map((field) => field.name),
      );
      const declared = [...statement.matchAll(/^ {2}`?(\w+)`? /gm)].map(([, column]) => column);
      assert.equal(new Set(declared).size, declared.length, `${name} declares a column twice`);
    }
  });

  it('a reserved name is quoted, in upper case, wherever it is a column', () => {
    const [shape] = shapes.filter(({ kind }) => kind === 'debezium');
    assert.ok(shape !== undefined);
    const { code } = split(ksqldbStatements([shape]), '--');
    assert.match(code, /`TABLE` VARCHAR/, 'source has a field table');
    for (const one of shapes) {
      for (const statement of statementsOf(ksqldbStatements, one)) {
        const names = [
          ...statement.matchAll(/(?:^ {2}|[<,] ?)(\w+) (?:VARCHAR|BIGINT|STRUCT|INT)/gm),
        ];
        for (const [, name = ''] of names) {
          assert.ok(!quotedNames.has(name.toLowerCase()), `${name} in ${statement}`);
        }
      }
    }
    const odd = {
      ...shape,
      kind: 'flat' as const,
      row: [...shape.row, { name: 'size', type: 'long', doc: '' }],
    };
    assert.match(ksqldbStatements([odd]), /^ {2}`SIZE` BIGINT,$/m);
  });

  it('no aggregate that cannot be taken back stands over a stream of changes', () => {
    const forbidden =
      /\b(?:MIN|MAX|AVG|COUNT|LATEST_BY_OFFSET|EARLIEST_BY_OFFSET|COLLECT_LIST|HISTOGRAM|TOPK)\(/;
    for (const shape of shapes.filter(({ kind }) => kind === 'flat' || kind === 'debezium')) {
      for (const statement of statementsOf(ksqldbStatements, shape)) {
        const isOverTable = /FROM \w+_by_key/.test(statement);
        if (!isOverTable) assert.doesNotMatch(statement, forbidden);
        else if (/GROUP BY|_live/.test(statement)) assert.match(statement, /WHERE op <> 'd'/);
      }
    }
  });

  it('a Debezium row is reached through both halves on a stream', () => {
    for (const shape of shapes.filter(({ kind }) => kind === 'debezium')) {
      for (const [use] of streamStatements(shape)
        .join()
        .matchAll(/after->\S+ ?\S*/g)) {
        assert.match(use, /^after->(`?\w+`?), before->\1\)$/);
      }
    }
  });

  it('a window says retention and grace', () => {
    const windows = shapes.flatMap((shape) => ksqldbStatements([shape]).match(/WINDOW .*/g) ?? []);
    assert.ok(windows.length > 0);
    for (const window of windows) assert.match(window, /RETENTION 7 DAYS, GRACE PERIOD 2 HOURS/);
  });
});

describe('for Flink', () => {
  it('every name is quoted, and times are milliseconds', () => {
    for (const shape of shapes) {
      const columns = [...shape.row, ...shape.tail].map(({ name }) => name);
      for (const statement of statementsOf(flinkStatements, shape)) {
        const bare = statement.replaceAll(/`[^`]*`|'[^']*'/g, '');
        for (const name of columns)
          assert.doesNotMatch(bare, new RegExp(`\\b${name}\\b`), statement);
        assert.doesNotMatch(statement, /TIMESTAMP\((?!3\))/);
      }
    }
  });

  it('a primary key is part of the key record and of the value', () => {
    for (const shape of shapes.filter(({ kind }) => kind === 'state')) {
      const statement = created(flinkStatements, shape, shape.name);
      const [, list = ''] = /PRIMARY KEY \((.*)\) NOT ENFORCED/.exec(statement) ?? [];
      const columns = list.split(', ').map((name) => name.replaceAll('`', ''));
      const key = shape.key.map(({ name }) => name).filter((name) => name !== 'dataset');
      assert.deepEqual(columns, key);
      for (const name of columns)
        assert.match(statement, new RegExp(`^ {2}\`${name}\` .* NOT NULL`, 'm'));
    }
  });

  it('only a final topic has a watermark and an event-time window', () => {
    for (const shape of shapes) {
      const { code } = split(flinkStatements([shape], guardedAccess), '--');
      assert.equal(/WATERMARK|TUMBLE/.test(code), shape.kind === 'final', shape.name);
      assert.doesNotMatch(code, /SUM\(`sign` \*/);
    }
  });
});

describe('for ClickHouse', () => {
  it('a queue, a table and a view agree on their columns, and queries say FINAL', () => {
    for (const shape of shapes.filter(({ kind }) => kind === 'flat' || kind === 'final')) {
      const columns = (name: string) =>
        created(clickhouseStatements, shape, name).match(/^ {2}`.*[^,\n]/gm) ?? [];
      const table = columns(shape.name).filter((line) => !/`(?:version|is_deleted)`/.test(line));
      assert.deepEqual(table, columns(`${shape.name}_queue`));
      const { code } = split(clickhouseStatements([shape], guardedAccess), '--');
      for (const view of code.split(';').filter((text) => /CREATE VIEW/.test(text))) {
        assert.match(view, / FINAL\n/);
      }
      assert.doesNotMatch(code, /toInt256/);
    }
  });

  it('a Debezium topic and a state topic get no table that would go wrong', () => {
    for (const shape of shapes.filter(({ kind }) => kind === 'debezium' || kind === 'state')) {
      assert.doesNotMatch(clickhouseStatements([shape], guardedAccess), /^CREATE/m);
    }
  });
});
