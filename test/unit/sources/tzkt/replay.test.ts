/** Recordings of a session: replayed they give the same updates and rows. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
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
import type { TzktConfig } from '../../../../src/sources/tzkt/config.ts';
import { tzktSource } from '../../../../src/sources/tzkt/index.ts';
import { type Recording, readRecording } from '../../../support/replay/recording.ts';
import { Replay } from '../../../support/replay/replay.ts';
import { allDatasets, someKinds, TzktFold, testConfig } from '../../../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';
import { recordingIo } from '../../cli/recording-io.ts';

const fixture = new URL('../../../fixtures/tzkt/002-reorganizations/', import.meta.url);
const key = 'k"ey-of-the-paid-tier';
const isUpdating = process.env['OMMER_UPDATE_FIXTURES'] === '1';
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ommer-record-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a source on a recording until `isOver`. */
async function replayed(
  recording: Recording,
  isOver: (fold: TzktFold) => boolean,
): Promise<TzktFold> {
  const replay = await Replay.open(recording);
  try {
    const fold = new TzktFold();
    const options = { ...recording.source.options, url: replay.url } as unknown as TzktConfig;
    const datasets = new Set(recording.source.datasets);
    const source = tzktSource.connect(options, datasets, fold.runtime);
    await fold.run(source, (reader) => replay.isOver && isOver(reader), 30_000);
    assert.deepEqual(replay.unknown, []);
    return fold;
  } finally {
    await replay.close();
  }
}

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
  // The next thing happens when the source has compared the head twice: it is published then.
  const driving = (async () => {
    for (const step of [...steps, () => stop.abort()]) {
      const { level, hash } = simulator.head;
      const isCompared = (line: string) =>
        line.includes(`level.le=${level}&`) &&
        line.includes('select.values') &&
        line.includes(hash);
      const isKnown = () => linesOf(out).filter(isCompared).length > 1;
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
    const fold = await replayed(readRecording(out), ({ chain }) => {
      return chain.tip?.hash === simulator.head.hash;
    });
    assertSameRows(fold, simulator);
    if (isUpdating) writeFileSync(new URL('frames.jsonl.gz', fixture), gzipSync(text));
    assert.match(fold.picture, /fork@9100003\(announced\).*fork@9100005\(announced\)/);
  });

  it('that was kept still gives the rows that it gave', async () => {
    const recording = readRecording(new URL('frames.jsonl.gz', fixture));
    const file = new URL('expected.json', fixture);
    const expected = JSON.parse(readFileSync(file, 'utf8'));
    const fold = await replayed(recording, ({ chain }) => {
      return isUpdating ? chain.tip?.height === 9_100_007 : chain.tip?.hash === expected.tip;
    });
    if (isUpdating) writeFileSync(file, `${JSON.stringify(resultOf(fold), null, 1)}\n`);
    else assert.deepEqual(resultOf(fold), expected);
  });
});

/** The chain that is left, with what changed on the way, and a digest of the rows of each dataset. */
function resultOf(fold: TzktFold): object {
  const rows = Object.fromEntries(
    // Whether a block was seen as head is a matter of moments.
    [...allDatasets]
      .filter((each) => each !== 'head')
      .map((dataset) => {
        const texts = fold.rows(dataset).map(({ row }) => JSON.stringify(row));
        return [dataset, `${texts.length} ${digest(texts.join('\n'))}`];
      }),
  );
  const forks = fold.updates.flatMap((update) =>
    update.kind === 'fork' ? [`${update.canonical[0]?.height} ${update.reason}`] : [],
  );
  return { tip: fold.chain.tip?.hash, forks, rows };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
