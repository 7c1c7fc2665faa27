/** `ommer check` and `ommer run` on configurations that cannot work, without any service. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../../../src/cli/cli.ts';
import { commands } from '../../../src/cli/commands.ts';
import { recordingIo } from './recording-io.ts';

const dir = mkdtempSync(join(tmpdir(), 'ommer-check-'));
const file = join(dir, 'ommer.yaml');
after(() => rmSync(dir, { recursive: true, force: true }));

// Port 1 of the loopback interface refuses connections.
const unreachable = `
kafka: { brokers: ["127.0.0.1:1"], connectionTimeoutMs: 100 }
registry: { url: "http://127.0.0.1:1" }
sources: { a: { kind: evm, chain: "eip155:1", http: ["http://127.0.0.1:1/KEY"], attemptsMax: 1 } }
`;

async function check(
  yaml: string,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  writeFileSync(file, yaml);
  const io = recordingIo();
  const code = await runCli(['check', '--config', file, ...argv], commands, io);
  return { code, out: io.out(), err: io.err() };
}

describe('the preflight', () => {
  it('of an invalid configuration says so and ends with 78', async () => {
    const { code, out } = await check('sources: { a: { kind: evn } }', '--json');
    assert.equal(code, 78);
    const verdict = JSON.parse(out) as { name: string; ok: boolean; code: string; detail: string };
    assert.deepEqual(
      [verdict.name, verdict.ok, verdict.code],
      ['configuration', false, 'config.invalid'],
    );
    assert.match(verdict.detail, /did you mean "evm"/);
  });

  it('goes on after a verdict that says no, and ends with the code of the first', async () => {
    const { code, out } = await check(unreachable);
    assert.equal(code, 69);
    const lines = out.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^✓ configuration: 1 source/);
    assert.match(lines[1] ?? '', /^✗ kafka: .*\[kafka\.unreachable\]$/);
    assert.match(lines[2] ?? '', /^✗ registry: .*\[registry\.unreachable\]$/);
    assert.match(lines[3] ?? '', /^✗ source a, .*\[source\.unreachable\]$/);
    assert.ok(!out.includes('KEY'), out);
  });

  it('of a source that is not there names the nearest', async () => {
    const { code, err } = await check(unreachable.replace('{ a:', '{ mainnet:'), 'mianet');
    assert.equal(code, 64);
    assert.match(err, /There is no source "mianet"\. Did you mean "mainnet"\?/);
  });
});
