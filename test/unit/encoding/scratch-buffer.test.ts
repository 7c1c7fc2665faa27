import assert from 'node:assert/strict';
import { test } from 'node:test';
import { avroType } from '../../../src/encoding/avro-schema.ts';
import { ScratchBuffer } from '../../../src/encoding/scratch-buffer.ts';

test('growing for a later value keeps the bytes of the earlier one', () => {
  const type = avroType('string');
  const scratch = new ScratchBuffer();
  const first = 'a'.repeat(65_000);
  const second = 'b'.repeat(200_000);
  const middle = scratch.put(type, first, 0);
  const end = scratch.put(type, second, middle);
  const bytes = Buffer.alloc(end + 1);
  assert.equal(scratch.copyTo(bytes, 1, 0, end), end + 1);
  const expected = Buffer.concat([type.toBuffer(first), type.toBuffer(second)]);
  assert.ok(bytes.subarray(1).equals(expected));
});
