/** Bad input of a hub and of REST: each has its code, nothing is lost, nothing is taken back. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';

let scene: TzktScene;
let simulator: TzktSimulator;
beforeEach(async () => {
  scene = await TzktScene.open();
  ({ simulator } = scene);
});
afterEach(() => scene.close());

describe('a session', () => {
  it('hands over frames that cannot be read, with their bytes, and reads on', async () => {
    const fold = await scene.follow([
      () => {
        simulator.faults.arm({ name: 'malformed-frame', channel: 'operations', text: '{oops' });
        simulator.faults.arm({ name: 'unknown-message', channel: 'bigmaps' });
        simulator.produce(2);
      },
    ]);
    const malformed = fold.updates.flatMap((update) =>
      update.kind === 'malformed' ? [Buffer.from(update.raw).toString()] : [],
    );
    assert(malformed.includes('{oops'), malformed.join());
    assertSameRows(fold, simulator);
  });

  it('shows no key in a frame that quotes it', async () => {
    const apiKey = 'key-of-the-paid-tier';
    const { fold, source } = scene.reader({ apiKey });
    await fold.run(source, (reader) => {
      if (!scene.isAtHead(reader)) return false;
      const text = `{"type":1,"target":"events","arguments":["apikey ${apiKey}"]}\u001e`;
      simulator.faults.arm({ name: 'malformed-frame', channel: 'events', text });
      simulator.produce(1, { groups: 5 });
      return reader.updates.some(({ kind }) => kind === 'malformed');
    });
    const [malformed] = fold.updates.filter((update) => update.kind === 'malformed');
    assert.match(Buffer.from(malformed?.raw ?? []).toString(), /"apikey \[hidden\]"/);
  });

  it('needs no more of the first cycle of a network than REST has, though its state is 0', async () => {
    simulator.faults.arm({ name: 'subscribe-zero', channel: 'cycles', times: 0 });
    const fold = await scene.follow([() => void simulator.produce(2)]);
    assertSameRows(fold, simulator);
  });

  it('hands over what comes on a channel that nobody knows', async () => {
    const fold = await scene.follow([
      () => {
        simulator.faults.arm({ name: 'unknown-channel', channel: 'events', times: 0 });
        simulator.faults.arm({ name: 'unknown-channel', channel: 'blocks' });
        simulator.produce(2);
      },
    ]);
    const [unknown] = fold.updates.flatMap((update) =>
      update.kind === 'malformed' ? [update] : [],
    );
    assert.equal(unknown?.code, 'source.unknown_channel');
    assert.match(unknown.reason, /"future_channel" is not known/);
    assert.match(Buffer.from(unknown.raw).toString(), /"target":"future_channel"/);
    assertSameRows(fold, simulator);
  });

  for (const channel of ['blocks', 'head', 'operations', 'accounts']) {
    it(`takes nothing back when ${channel} go back without a word, warns once, and asks REST`, async () => {
      const jump = () => {
        simulator.faults.arm({ name: 'jump-back', channel, times: 2 });
        simulator.produce(2, { groups: 2 });
      };
      const fold = await scene.follow([jump, () => void simulator.produce(1)]);
      assert.deepEqual(
        fold.warnings.map(({ code, context }) => [code, context['channel']]),
        [['source.level_went_back', channel]],
      );
      assert(fold.updates.every(({ kind }) => kind !== 'fork'));
      assertSameRows(fold, simulator);
    });
  }

  it('needs no state message, and says that none came', async () => {
    simulator.faults.arm({ name: 'subscribe-no-state', times: 0 });
    const fold = await scene.follow([() => void simulator.produce(2)]);
    assert.deepEqual(
      fold.warnings.map(({ code }) => code),
      ['source.state_missing'],
    );
    assert.match(String(fold.warnings[0]?.message), /blocks, head, .*accounts/);
    assertSameRows(fold, simulator);
  });

  /** Instead of its next message, the hub's channel of blocks shows this block. */
  function insistOn(block: object, level: number): void {
    const message = { type: 1, data: [block], state: level };
    const text = JSON.stringify({ type: 1, target: 'blocks', arguments: [message] });
    simulator.faults.arm({ name: 'malformed-frame', channel: 'blocks', text: `${text}\u001e` });
  }

  it('ends when hub and REST insist on different blocks, published or not', async () => {
    for (const above of [0, 1]) {
      const { fold, source } = scene.reader({ restLagMaxMs: 300 });
      await fold.run(source, scene.isAtHead);
      const seen = fold.updates.length;
      const running = fold.run(source, () => {
        if (fold.updates.length !== seen + 1) return false;
        const block = { ...simulator.canonical().blocks.at(-1), hash: 'BOther' };
        const level = simulator.head.level + above;
        insistOn({ ...block, level }, level);
        simulator.produce(1);
        return false;
      });
      await assert.rejects(running, { code: 'source.endpoints_disagree', message: /BOther/ });
      assert(fold.updates.every(({ kind }) => kind !== 'fork'));
      await fold.run(source, scene.isAtHead);
      assertSameRows(fold, simulator);
    }
  });

  it('waits while they do for a shorter time, however often it reads again', async () => {
    const { fold, source } = scene.reader({ restLagMaxMs: 600_000 });
    await fold.run(source, scene.isAtHead);
    const seen = fold.updates.length;
    const level = simulator.head.level + 1;
    const reading = new RegExp(`level\\.le=${level}&.*select\\.values`);
    let readings = 0;
    fold.hear = (frame) => {
      const isReading = frame.kind === 'http' && reading.test(frame.path);
      if (isReading && ++readings === 80) simulator.reorganize({ depth: 1 });
    };
    await fold.run(source, (reader) => {
      if (fold.updates.length === seen + 1) {
        insistOn({ ...simulator.canonical().blocks.at(-1), hash: 'BOther', level }, level);
        simulator.produce(1);
      }
      return simulator.head.level > level && scene.isAtHead(reader);
    });
    assertSameRows(fold, simulator);
  });

  it('ends with the reason when the hub goes away, is mute, or never confirms', async () => {
    const { fold, source } = scene.reader({
      serverTimeoutMs: 300,
      keepAliveMs: 100,
      requestTimeoutMs: 300,
    });
    for (const [name, code] of [
      ['subscribe-error', 'source.unsupported'],
      ['subscribe-zero', 'source.unsupported'],
      ['subscribe-silent', 'source.session_lost'],
      ['handshake-error', 'source.unreachable'],
      ['mute', 'source.'],
    ] as const) {
      simulator.faults.arm({ name });
      await assert.rejects(
        fold.run(source, () => false),
        (error: { code?: string }) => {
          return error.code?.startsWith(code) === true;
        },
      );
      simulator.faults.clear();
    }
  });
});

describe('identity and head', () => {
  it('refuse an indexer of another network', async () => {
    const { source } = scene.reader({ chain: 'tezos:NetXdQprcVkpaWU' });
    const { signal } = new AbortController();
    await assert.rejects(source.identity(signal), {
      code: 'source.wrong_chain',
      message: /serves tezos:NetXSCw6Rghzp68; the configuration says tezos:NetXdQprcVkpaWU/,
    });
  });
});
