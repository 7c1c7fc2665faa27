import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';
import { ChangeDecoder, rowSubjects } from '../../../src/encoding/change-decoder.ts';
import { loadDataset } from '../../../src/encoding/dataset.ts';
import { valueSchema } from '../../../src/encoding/envelope.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import { encoderOf, eventOf, origin, publishedAtUs, reorg, routeOf, rows } from './samples.ts';

const context = { incarnation: 2, publishedAtUs };
const textOf = (envelope: 'flat' | 'debezium') =>
  JSON.stringify(valueSchema(loadDataset('evm/token_transfers'), envelope));

for (const envelope of ['flat', 'debezium'] as const) {
  test(`a ${envelope} insert and its retraction decode to the same row`, async () => {
    const encoder = encoderOf([routeOf('token_transfers', envelope)]);
    const [insert] = encoder.insert(eventOf('token_transfers'), origin, context);
    assert.ok(insert);
    const retraction = encoder.retract(insert, reorg, { publishedAtUs, receivedAtUs: 1 });
    const decoder = new ChangeDecoder(async () => textOf(envelope));
    const first = await decoder.decode({ ...insert, offset: 1 });
    const second = await decoder.decode({ ...retraction, offset: 2 });
    assert.deepEqual([first.isRetraction, second.isRetraction], [false, true]);
    assert.deepEqual([first.reorgId, second.reorgId], [null, reorg.id]);
    assert.deepEqual(
      [first.eventId, first.incarnation, first.row],
      [second.eventId, second.incarnation, second.row],
    );
    const { amount, height, to_address: to } = rows.token_transfers;
    const { amount: found, height: at, to_address: receiver } = { ...first.row };
    assert.deepEqual([found, at, receiver], [amount, height, to]);
    assert.ok(!('amount_dec' in first.row));
  });
}

test('each known dataset is recognised by its columns, whatever kinds share its name', async () => {
  for (const subject of rowSubjects()) {
    const text = canonicalText(valueSchema(loadDataset(subject), 'flat'));
    const seen: (readonly string[])[] = [];
    const decoder = new ChangeDecoder(
      async () => text,
      (_, subjects) => {
        seen.push(subjects);
        return false;
      },
    );
    const value = Buffer.from([0, 0, 0, 0, 1]);
    await assert.rejects(
      async () => decoder.decode({ topic: 't', partition: 0, offset: 0, value }),
      /its rows are of/,
    );
    assert.ok(seen[0]?.includes(subject), `${subject}: ${seen[0]}`);
  }
});

test('bytes that ommer did not write are named with their place', async () => {
  const decoder = new ChangeDecoder(async () => '{"type":"record","name":"X","fields":[]}');
  const place = { topic: 'logs', partition: 3, offset: 8 };
  const refused = (error: unknown): boolean =>
    error instanceof PipelineError &&
    error.code === 'consumer.foreign_record' &&
    error.message.includes('logs/3@8');
  const decode = async (value: Buffer | null) => decoder.decode({ ...place, value });
  await assert.rejects(decode(null), refused);
  await assert.rejects(decode(Buffer.from('{"json":1}')), refused);
  await assert.rejects(decode(Buffer.from([0, 0, 0, 0, 9, 1])), refused);
  const flat = new ChangeDecoder(async () => textOf('flat'));
  const cut = Buffer.from([0, 0, 0, 0, 1, 2, 65]);
  await assert.rejects(async () => flat.decode({ ...place, value: cut }), refused);
});
