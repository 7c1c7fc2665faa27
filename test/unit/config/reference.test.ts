/** The generated reference is what the schema says. Refresh: `OMMER_UPDATE_DOCS=1` and this test. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configurationReference } from '../../../src/config/reference.ts';
import type { Definitions } from '../../../src/config/source-schema.ts';
import { sources } from '../../../src/sources/registry.ts';

const definitions: Definitions = sources;
const file = fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url));

describe('the configuration reference', () => {
  it('is not stale', () => {
    const expected = configurationReference(definitions);
    const { OMMER_UPDATE_DOCS: isUpdate } = process.env;
    if (isUpdate !== undefined) writeFileSync(file, expected);
    assert.equal(
      readFileSync(file, 'utf8'),
      expected,
      'docs/configuration.md is stale: run this test with OMMER_UPDATE_DOCS=1.',
    );
  });

  it('names every option with its variable', () => {
    const text = configurationReference(definitions);
    for (const name of ['kafka.sasl.password', 'topics.chainNames', 'sources.<name>.http']) {
      assert.ok(text.includes(`\`${name}\``), name);
    }
    assert.ok(text.includes('`OMMER_PUBLISHING_BATCH_ROWS_MAX`'));
    assert.ok(text.includes('`OMMER_SOURCES_<NAME>_ROUTES_<ROUTE>_ENVELOPE`'));
  });
});
