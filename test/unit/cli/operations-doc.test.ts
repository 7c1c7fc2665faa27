/** docs/operations.md against the code. Refresh: `OMMER_UPDATE_DOCS=1` and this test. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../../../src/cli/exit-code.ts';
import { errorCodes } from '../../../src/model/errors.ts';
import {
  counters,
  gauges,
  histograms,
  type MetricDeclaration,
  metricPrefix,
} from '../../../src/observability/metric-table.ts';

const file = fileURLToPath(new URL('../../../docs/operations.md', import.meta.url));

function metricRows(
  table: Readonly<Record<string, MetricDeclaration>>,
  type: string,
  suffix: string,
): string[] {
  return Object.entries(table).map(([name, { help, labels }]) => {
    const labelText = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${metricPrefix}${name}${suffix}\` | ${type} | ${labelText} | ${help} |`;
  });
}

function metricTable(): string {
  return [
    '| Name | Type | Labels | Meaning |',
    '|---|---|---|---|',
    ...metricRows(counters, 'counter', '_total'),
    ...metricRows(gauges, 'gauge', ''),
    ...metricRows(histograms, 'histogram', ''),
  ].join('\n');
}

function exitCodeTable(): string {
  const rows = Object.entries(exitCodes).map(([code, meaning]) => {
    const codes = Object.entries(errorCodes).filter(([, exit]) => exit === Number(code));
    return `| ${code} | ${meaning} | ${codes.map(([name]) => `\`${name}\``).join(', ')} |`;
  });
  return ['| Exit code | Meaning | Error codes |', '|---|---|---|', ...rows].join('\n');
}

function withSection(text: string, name: string, content: string): string {
  const start = `<!-- ${name}: generated -->\n`;
  const end = `<!-- /${name} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  assert.ok(from !== -1 && to > from, `docs/operations.md has no section "${name}".`);
  return `${text.slice(0, from + start.length)}\n${content}\n\n${text.slice(to)}`;
}

describe('the operations document', () => {
  it('has the tables of metrics and exit codes that the code has', () => {
    const text = readFileSync(file, 'utf8');
    const expected = withSection(
      withSection(text, 'metrics', metricTable()),
      'exit codes',
      exitCodeTable(),
    );
    const { OMMER_UPDATE_DOCS: isUpdate } = process.env;
    if (isUpdate !== undefined) writeFileSync(file, expected);
    assert.equal(
      readFileSync(file, 'utf8'),
      expected,
      'docs/operations.md is stale: run this test with OMMER_UPDATE_DOCS=1.',
    );
  });

  it('says for every error code what it means and what to do, with its exit code', () => {
    const runbook = readFileSync(file, 'utf8').split('## Runbook')[1] ?? '';
    const rows = [...runbook.matchAll(/^\| `([a-z_.]+)` \| (\d+) \| \w+ \| (.+) \| (.+) \|$/gm)];
    const documented = rows.map(([, code, exit]) => `${code} ${exit}`).sort();
    const declared = Object.entries(errorCodes).map(([code, exit]) => `${code} ${exit}`);
    assert.deepEqual(documented, declared.sort());
    assert.ok(
      rows.every(
        ([, , , meaning, action]) => (meaning ?? '').length > 15 && (action ?? '').length > 5,
      ),
    );
  });

  it('has an exit code with a meaning for every error code', () => {
    for (const [code, exit] of Object.entries(errorCodes)) assert.ok(exit in exitCodes, code);
  });
});
