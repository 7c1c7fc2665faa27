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
