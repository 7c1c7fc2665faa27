/** The list of datasets is what the schemas say. Refresh: `OMMER_UPDATE_DOCS=1` and this test. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { datasetReference } from './dataset-reference.ts';

const file = new URL('../../../docs/datasets.md', import.meta.url);

test('the list of datasets is not stale', () => {
  const expected = datasetReference();
  const { OMMER_UPDATE_DOCS: isUpdate } = process.env;
  if (isUpdate !== undefined) writeFileSync(file, expected);
  assert.equal(
    readFileSync(file, 'utf8'),
    expected,
    'docs/datasets.md is stale: run this test with OMMER_UPDATE_DOCS=1.',
  );
});
