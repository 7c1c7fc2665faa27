import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../../src/encoding/byte-writer.ts';
import { decimalBytes } from '../../../src/encoding/decimal-bytes.ts';

test('pieces keep their bytes, whatever is written after them and however it grows', () => {
  const out = new ByteWriter();
  const sizes = [0, 1, 3_000, 70_000, 10, 200_000, ...Array.from({ length: 200 }, () => 1_000)];
  const pieces = sizes.map((size, index) => {
    out.begin();
    for (let written = 0; written < size; written += 1) out.byte(index);
    return index % 2 === 0 ? out.take() : out.copy();
  });
  for (const [index, piece] of pieces.entries()) {
    assert.ok(piece.equals(Buffer.alloc(sizes[index] ?? 0, index)), `piece ${index}`);
  }
});

test('what was written of a piece that is begun anew is forgotten', () => {
  const out = new ByteWriter();
  out.text('kept');
  const kept = out.take();
  out.text('forgotten');
  out.begin();
  assert.equal(out.length, 0);
  out.text('next');
  assert.equal(out.length, 5);
  assert.equal(out.take().toString(), '\u0008next');
  assert.equal(kept.toString(), '\u0008kept');
});

test('a copy has memory of its own', () => {
  const out = new ByteWriter();
  out.text('copied');
  const copy = out.copy();
  out.text('viewed');
  const view = out.take();
  assert.notEqual(copy.buffer, view.buffer);
  assert.equal(copy.toString(), '\u000ccopied');
});

test('half a surrogate pair is replaced, as in every UTF-8 text', () => {
  for (const value of ['\ud83e', `${'a'.repeat(30)}\udd19`]) {
    const out = new ByteWriter();
    out.text(value);
    assert.equal(out.take().subarray(1).toString(), value.replace(/[\ud800-\udfff]/, '\ufffd'));
  }
});

test('an unsigned number is the shortest two’s complement that holds it, with its length', () => {
  const edges = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 2 ** 31, 2 ** 40 - 1, 10 ** 15 - 1];
  const any = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
  fc.assert(
    fc.property(any, (value) => {
      const out = new ByteWriter();
      out.unsigned(value);
      const written = out.take();
      const bytes = decimalBytes(String(value));
      assert.ok(bytes);
      assert.deepEqual([...written], [2 * bytes.length, ...bytes]);
    }),
  );
});
