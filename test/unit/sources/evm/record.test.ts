/** `ommer record` on an EVM node: both directions of both protocols, in a file without the keys of the addresses. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { runCli } from '../../../../src/cli/cli.ts';
import { commands } from '../../../../src/cli/commands.ts';
import { until } from '../../../../src/devnet/until.ts';
import { FakeNode } from '../../../support/evm-node/fake-node.ts';
import { readRecording } from '../../../support/replay/recording.ts';
import { recordingIo } from '../../cli/recording-io.ts';

const key = '0123456789abcdef';

it('a recording of an EVM node holds all that was asked and said, through a reorganization', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ommer-record-'));
  const node = await FakeNode.start();
  node.grow('1a 2a 3a', '0a');
  try {
    const main = {
      ...{
        kind: 'evm',
        http: [`${node.http}/v3/${key}`],
        ws: [`${node.ws}/ws/${key}`],
        chain: 'eip155:31337',
      },
      ...{ start: 'earliest', pollIntervalMs: 20, blockTimeMs: 50, rewindConfirmMs: 150 },
    };
    const file = join(folder, 'ommer.json');
    const kafka = { brokers: ['127.0.0.1:1'] };
    const registry = { url: 'http://127.0.0.1:1' };
    writeFileSync(file, JSON.stringify({ kafka, registry, sources: { main } }));
    const out = join(folder, 'frames.jsonl');
    const stop = new AbortController();
    const io = recordingIo({ signal: stop.signal });
    const argv = ['record', '--config', file, '--source', 'main', '--out', out, '--for', '60s'];
    const ended = runCli(argv, commands, io);
    const wait = { timeoutMs: 30_000, pollMs: 20 };
    const seen = (name: string) => () =>
      node.calls.some(
        ({ method, params }) =>
          method === 'debug_traceBlockByHash' && params[0] === node.byName(name).hash,
      ) || undefined;
    assert(await until(() => (node.isSubscribed && seen('3a')()) || undefined, wait));
    node.announce(node.grow('3b 4b', '2a'));
    assert(await until(seen('4b'), wait));
    stop.abort();
    assert.equal(await ended, 0, io.err());
    const { source, frames } = readRecording(out);
    assert.equal(source.kind, 'evm');
    const texts = (direction: 'in' | 'out') =>
      frames.flatMap((frame) =>
        frame.kind === 'socket' && frame.direction === direction ? [frame.text] : [],
      );
    assert(texts('out').some((text) => text.includes('eth_subscribe')));
    const { hash } = node.byName('4b');
    assert(texts('in').some((text) => text.includes(hash)));
    for (const method of ['eth_chainId', 'eth_getBlockByNumber', 'eth_getBlockReceipts']) {
      const isAsked = (body: string | null) => body?.includes(method) === true;
      const answers = frames.filter((frame) => frame.kind === 'http' && isAsked(frame.body));
      assert(answers.length > 0, method);
    }
    for (const name of ['1a', '2a', '3a', '3b', '4b']) {
      const isRead = frames.some(
        (frame) => frame.kind === 'http' && frame.text.includes(node.byName(name).hash),
      );
      assert(isRead, name);
    }
    assert(!readFileSync(out, 'utf8').includes(key));
  } finally {
    await node.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
