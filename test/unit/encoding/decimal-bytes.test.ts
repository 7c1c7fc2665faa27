import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalBytes, isDecimalText } from '../../../src/encoding/decimal-bytes.ts';

const max = 10n ** 38n - 1n;

function numberOf(bytes: Buffer): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

test('bytes of a decimal give the number back and are the shortest that do', () => {
  const anySize = fc.oneof(
    fc.bigInt({ min: -max, max }),
    fc.bigInt({ min: -70_000n, max: 70_000n }),
    fc.integer({ min: 0, max: 126 }).map((bits) => 2n ** BigInt(bits) - 1n),
    fc.integer({ min: 0, max: 126 }).map((bits) => -(2n ** BigInt(bits))),
  );
  fc.assert(
    fc.property(anySize, (number) => {
      const bytes = decimalBytes(String(number));
      assert.ok(bytes);
      assert.equal(numberOf(bytes), number);
      const shorter = (bytes.length - 1) * 8;
      assert.ok(shorter === 0 || BigInt.asIntN(shorter, number) !== number);
    }),
    { numRuns: 2000 },
  );
});

test('38 digits fit and 39 do not, with either sign', () => {
  assert.ok(decimalBytes(String(max)));
  assert.ok(decimalBytes(String(-max)));
  assert.equal(decimalBytes(String(max + 1n)), null);
  assert.equal(decimalBytes(String(-max - 1n)), null);
});

test('only canonical integers are decimal text', () => {
  for (const text of ['0', '7', '-7', String(2n ** 256n - 1n)])
    assert.ok(isDecimalText(text), text);
  for (const text of ['', '-', '-0', '007', '+7', '1.0', '1e3', '0x1', ' 1', '1\n']) {
    assert.ok(!isDecimalText(text), JSON.stringify(text));
  }
});
