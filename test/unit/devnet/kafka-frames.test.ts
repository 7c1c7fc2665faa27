import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FrameSplitter,
  requestHead,
  responseCorrelationId,
} from '../../../src/devnet/kafka-frames.ts';

function frame(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

test('frames come out whole and in order however the bytes are cut', () => {
  const frames = [0, 1, 5, 300].map((size) => frame(Buffer.alloc(size, size)));
  const bytes = Buffer.concat(frames);
  for (const pieceBytes of [1, 2, 3, 4, 5, 7, 64, bytes.length]) {
    const splitter = new FrameSplitter();
    const seen: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      seen.push(...splitter.push(bytes.subarray(at, at + pieceBytes)));
    }
    assert.deepEqual(seen.map(String), frames.map(String), `cut in pieces of ${pieceBytes}`);
  }
});

test('a request and its response carry the same correlation id', () => {
  const request = Buffer.alloc(12);
  request.writeInt16BE(26, 4);
  request.writeInt16BE(1, 6);
  request.writeInt32BE(4711, 8);
  assert.deepEqual(requestHead(request), { apiKey: 26, correlationId: 4711 });
  const response = Buffer.alloc(8);
  response.writeInt32BE(4711, 4);
  assert.equal(responseCorrelationId(response), 4711);
});
