/** No digit of an integer is lost, and everything else is what the built-in parser gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLosslessJson } from '../../../src/transport/lossless-json.ts';

test('integers beyond 2^53 keep their digits wherever they stand', () => {
  const text =
    '{"a":9007199254740993,"b":[18446744073709551616,-9007199254740993],"c":"9007199254740993","d":1363148801048576}';
  assert.deepEqual(parseLosslessJson(text), {
    a: 9007199254740993n,
    b: [18446744073709551616n, -9007199254740993n],
    c: '9007199254740993',
    d: 1363148801048576,
  });
  assert.equal(parseLosslessJson('{"a": \n 9007199254740991}')?.constructor, Object);
});

test('any JSON value comes back, with or without a large integer beside it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      const alone = parseLosslessJson(JSON.stringify({ value }));
      assert.equal(JSON.stringify(alone, textOfBigInt), JSON.stringify({ value: plain }));
      const beside = `{"large":12345678901234567890,"value":${JSON.stringify(value)}}`;
      const both = parseLosslessJson(beside) as { large: unknown; value: unknown };
      assert.equal(both.large, 12345678901234567890n);
      assert.equal(JSON.stringify(both.value, textOfBigInt), JSON.stringify(plain));
    }),
  );
});

/** Large integers among the generated values come back as bigint: compare their text. */
function textOfBigInt(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

test('what is no JSON is refused by both parsers', () => {
  for (const text of ['{', '{"a":12345678901234567890', '']) {
    assert.throws(() => parseLosslessJson(text), SyntaxError, text);
  }
});
