import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AvroRecord, parseRecordSchema } from '../../../src/encoding/avro-schema.ts';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';

const nested: AvroRecord = {
  type: 'record',
  name: 'Outer',
  namespace: 'ommer.x',
  doc: 'A "quoted" doc.',
  fields: [
    {
      name: 'before',
      type: ['null', { type: 'record', name: 'Row', namespace: 'ommer.x', doc: '', fields: [] }],
      doc: 'B.',
      default: null,
    },
    { name: 'after', type: ['null', 'ommer.x.Row'], doc: '', default: null },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: '' },
  ],
};

test('the text is compact, in the order of Avro-Java, without inherited namespaces', () => {
  assert.equal(
    canonicalText(nested),
    String.raw`{"type":"record","name":"Outer","namespace":"ommer.x","doc":"A \"quoted\" doc.","fields":[` +
      '{"name":"before","type":["null",{"type":"record","name":"Row","fields":[]}],"doc":"B.","default":null},' +
      '{"name":"after","type":["null","Row"],"default":null},' +
      '{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}',
  );
});

test('reading the text back and writing it again changes nothing', () => {
  const text = canonicalText(nested);
  assert.equal(canonicalText(parseRecordSchema(text, 'test')), text);
});
