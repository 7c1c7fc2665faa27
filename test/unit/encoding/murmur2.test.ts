import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur2, positiveMurmur2 } from '../../../src/encoding/murmur2.ts';

/** From Kafka's own UtilsTest.testMurmur2. */
const vectors: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test('murmur2 equals the vectors of the Java client', () => {
  for (const [text, hash] of vectors) assert.equal(murmur2(Buffer.from(text)), hash, text);
});

test('the positive hash is the signed one without its sign bit', () => {
  assert.equal(positiveMurmur2('foobar'), -790332482 & 0x7fffffff);
  assert.equal(positiveMurmur2('abc'), 479470107);
});

test('a text hashes as its UTF-8 bytes, however long, and whatever was hashed before it', () => {
  for (const text of ['€'.repeat(400), 'x'.repeat(2_000), '', 'é', 'ab', '😀'.repeat(90)]) {
    assert.equal(positiveMurmur2(text), murmur2(Buffer.from(text, 'utf8')) & 0x7fffffff, text);
  }
});
