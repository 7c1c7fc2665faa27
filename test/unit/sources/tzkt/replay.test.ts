/** Recordings of a session: replayed they give the same updates and rows. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runCli } from '../../../../src/cli/cli.ts';
import { commands } from '../../../../src/cli/commands.ts';
import { openTzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { until } from '../../../../src/devnet/until.ts';
import { tzktSource } from '../../../../src/sources/tzkt/index.ts';
import { readRecording } from '../../../support/replay/recording.ts';
import { type Replayed, replayed, resultOf } from '../../../support/replay/replayed.ts';
import { allDatasets, someKinds, testConfig } from '../../../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';
import { recordingIo } from '../../cli/recording-io.ts';

const fixture = new URL('../../../fixtures/tzkt/002-reorganizations/', import.meta.url);
const key = 'k"ey-of-the-paid-tier';
/** Longer than a source at work is silent. */
const restMs = 700;
const isUpdating = process.env['OMMER_UPDATE_FIXTURES'] === '1';
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ommer-record-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Records a simulator with the command, through blocks and reorganizations. */
async function record(out: string): Promise<TzktSimulator> {
  const simulator = new TzktSimulator({ historyLevels: 4 });
  const server = await openTzktServer(simulator);
  const { rewindConfirmMs, chain, concurrency } = testConfig({});
  const stop = new AbortController();
  const tezos = {
    ...{ kind: 'tzkt', url: server.http, apiKey: key, chain, start: 'earliest' },
    // What is asked is then decided by what happens, and little by how long it takes.
    ...{ silenceMs: 100, auditIntervalMs: 60_000, rewindConfirmMs, concurrency },
    operations: [{ types: someKinds }],
    requestsPerSecondMax: 10_000,
  };
  const file = join(folder, 'ommer.json');
  writeFileSync(
    file,
    JSON.stringify({
      kafka: { brokers: ['127.0.0.1:1'] },
      registry: { url: 'http://127.0.0.1:1' },
      sources: { tezos },
    }),
  );
  const steps = [
    () => simulator.produce(1),
    () => simulator.reorganize({ depth: 2, isMerged: false }),
    () => simulator.reorganize({ depth: 1, newBlocks: 2 }),
  ];
  // The next thing happens when the source has compared the head and asks for nothing more: it is
  // published then.
  const driving = (async () => {
    for (const step of [...steps, () => stop.abort()]) {
      const { hash } = simulator.head;
      const isCompared = (line: string) => line.includes('select.values') && line.includes(hash);
      let [count, sinceMs] = [0, performance.now()];
      const isKnown = () => {
        const lines = linesOf(out);
        if (lines.length !== count) [count, sinceMs] = [lines.length, performance.now()];
        return performance.now() - sinceMs > restMs && lines.some(isCompared);
      };
      assert(await until(() => isKnown() || undefined, { timeoutMs: 30_000, pollMs: 20 }));
      step();
    }
  })();
  try {
    const io = recordingIo({ signal: stop.signal });
    const argv = ['record', '--config', file, '--source', 'tezos', '--out', out, '--for', '60s'];
    assert.equal(await runCli(argv, commands, io), 0, io.err());
    assert.match(io.out(), /frames\.jsonl(\.gz)?: \d+ frames, \d+ blocks\n/);
    return simulator;
  } finally {
    stop.abort();
    await driving;
    await server.close();
  }
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

describe('a recording of ommer record', () => {
  it('gives the same rows when it is replayed, and holds no secret', async () => {
    const out = join(folder, 'frames.jsonl');
    const simulator = await record(out);
    const text = readFileSync(out, 'utf8');
    for (const form of ['of-the-paid-tier', '"apikey":']) assert(!text.includes(form), form);
    const isOver = ({ chain }: Replayed) => chain.tip?.hash === simulator.head.hash;
    const fold = await replayed(tzktSource, readRecording(out), isOver);
    assertSameRows(fold, simulator);
    assert.deepEqual(fold.forks, ['9100003 announced', '9100005 announced']);
    if (!isUpdating) return;
    const expected = JSON.stringify(resultOf(fold, allDatasets), null, 1);
    writeFileSync(new URL('frames.jsonl.gz', fixture), gzipSync(text));
    writeFileSync(new URL('expected.json', fixture), `${expected}\n`);
  });
});
