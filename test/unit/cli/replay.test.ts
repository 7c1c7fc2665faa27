/** `ommer replay` of times without any service: what it would do, and what it refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../../../src/cli/cli.ts';
import { commands } from '../../../src/cli/commands.ts';
import { recordingIo } from './recording-io.ts';

const dir = mkdtempSync(join(tmpdir(), 'ommer-replay-'));
const file = join(dir, 'ommer.yaml');
after(() => rmSync(dir, { recursive: true, force: true }));

// Port 1 of the loopback interface refuses connections.
writeFileSync(
  file,
  `
kafka: { brokers: ["127.0.0.1:1"], connectionTimeoutMs: 100 }
registry: { url: "http://127.0.0.1:1" }
sources:
  perps: { kind: oxarchive, apiKey: key, markets: ["hyperliquid:BTC"], datasets: [trades, book_tops] }
`,
);

async function replay(...argv: string[]) {
  const io = recordingIo();
  const times = ['--from-time', '2026-10-01T00:00:00Z', '--to-time', '2026-10-01T06:00:00Z'];
  const command = ['replay', '--config', file, '--source', 'perps', ...times, ...argv];
  const code = await runCli(command, commands, io);
  return { code, out: io.out(), err: io.err() };
}

describe('a dry run of a stretch of time', () => {
  it('tells what would be read and into which topics, and asks nobody', async () => {
    const { code, out } = await replay('--dry-run');
    assert.equal(code, 0);
    assert.match(
      out,
      /^perps: 2026-10-01T00:00:00\.000Z to 2026-10-01T06:00:00\.000Z would be read/,
    );
    assert.match(out, /^ {2}trades +ommer\.hyperliquid\.trades$/m);
    assert.match(out, /^ {2}book_tops +ommer\.hyperliquid\.book_tops$/m);
  });

  it('names the topics that --into would make, of the datasets that were chosen', async () => {
    const { out } = await replay('--dry-run', '--into', 'history', '--dataset', 'trades', '--json');
    const plan = JSON.parse(out) as { readonly topics: unknown };
    assert.deepEqual(plan.topics, [{ dataset: 'trades', topic: 'history.hyperliquid.trades' }]);
  });
});
