/** Sessions against the simulator: what each kind of trouble becomes, and what goes on all the same. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { defaultKey } from '../../../../src/devnet/blockdb/access.ts';
import type { SimulatorOptions } from '../../../../src/devnet/blockdb/simulator.ts';
import { type ErrorCode, FatalError, PipelineError } from '../../../../src/model/errors.ts';
import type { BlockdbConfig } from '../../../../src/sources/blockdb/config.ts';
import type { WireFrame } from '../../../../src/transport/frame-tap.ts';
import { pairFilters } from '../../../support/blockdb/bar-filters.ts';
import {
  type BlockdbFold,
  type BlockdbReader,
  BlockdbScene,
} from '../../../support/blockdb/blockdb-scene.ts';
import { assertSameRows } from '../../../support/blockdb/blockdb-truth.ts';

let scene: BlockdbScene;
afterEach(() => scene.close());

const someDatasets: ReadonlySet<string> = new Set([
  'blocks',
  'transactions',
  'logs',
  'token_transfers',
]);
const all = { datasets: someDatasets };

async function open(
  options: SimulatorOptions = {},
  overrides: Partial<BlockdbConfig> = {},
): Promise<BlockdbReader> {
  scene = await BlockdbScene.open(options);
  return scene.connect({ confirmations: 2, ...overrides }, someDatasets);
}

/** Follows from the head on; once live, does `act`, and ends when `isOver`. */
async function afterLive(
  { fold, source }: BlockdbReader,
  act: () => void,
  isOver: (fold: BlockdbFold) => boolean,
): Promise<void> {
  let hasActed = false;
  await fold.run(source, (_, { kind }) => {
    if (!hasActed && kind === 'idle') {
      hasActed = true;
      act();
    }
    return hasActed && isOver(fold);
  });
}

/** Everything up to this height was compared with REST. */
const isFinal = (height: number) => (fold: BlockdbFold) =>
  (fold.chain.finalized?.height ?? -1) >= height;

const lettersOf = (fold: BlockdbFold) =>
  fold.updates.flatMap((update) => (update.kind === 'malformed' ? [update] : []));

async function failureOf({ fold, source }: BlockdbReader): Promise<PipelineError> {
  try {
    await fold.run(source, () => false);
  } catch (error) {
    assert(error instanceof PipelineError, String(error));
    assert(!error.message.includes('secret'), error.message);
    return error;
  }
  throw new Error('the session did not fail');
}

describe('a key that is refused', () => {
  for (const refusal of ['http', 'close'] as const) {
    it(`stops the source after a few tries, and is never shown (${refusal})`, async () => {
      const reader = await open(
        { profile: { refusal } },
        { apiKey: 'secret-key', keyRefusalsMax: 2, start: 'latest' },
      );
      const first = await failureOf(reader);
      assert.equal(first.code, 'source.key_refused');
      assert(!(first instanceof FatalError));
      const second = await failureOf(reader);
      assert.equal(second.code, 'source.key_refused');
      assert(second instanceof FatalError);
    });
  }

  it('stops the source that had a good one, also where the stream is opened first', async () => {
    const reader = await open({}, { keyRefusalsMax: 3 });
    await reader.fold.run(reader.source, (fold) => fold.chain.tip !== null);
    scene.simulator.faults.arm({ name: 'upgrade-close', times: 0 });
    const failures = [];
    while (failures.length < 3) failures.push(await failureOf(reader));
    assert.deepEqual(
      failures.map((error) => `${error.name} ${error.code}`),
      ['TransientError', 'TransientError', 'FatalError'].map(
        (name) => `${name} source.key_refused`,
      ),
    );
  });

  it('is not shown where the server quotes it', async () => {
    const reader = await open();
    const quoting = { text: `no key ${defaultKey}`, times: 0 };
    scene.simulator.faults.arm({ name: 'rest-status', status: 400, ...quoting });
    const archive = await reader.source
      .identity(AbortSignal.timeout(20_000))
      .catch((error: unknown) => error);
    assert.match(String(archive), /HTTP 400 \(BAD_REQUEST: no key \[hidden\]\)/);
    scene.simulator.faults.clear();
    scene.simulator.faults.arm({
      name: 'ack-error',
      dataset: '0103',
      retryable: false,
      ...quoting,
    });
    const skipping = scene.connect({ refusedDatasets: 'skip' }, someDatasets);
    await skipping.fold.run(skipping.source, () => lettersOf(skipping.fold).length > 0);
    const [letter] = lettersOf(skipping.fold);
    assert.match(letter?.reason ?? '', /no key \[hidden\]/);
    assert(!Buffer.from(letter?.raw ?? []).includes(defaultKey));
  });

  it('is not asked for where it goes into the address, and not recorded', async () => {
    const reader = await open({}, { apiKeyIn: 'query' });
    const frames: WireFrame[] = [];
    reader.fold.hear = (frame) => frames.push(frame);
    await reader.fold.run(reader.source, (fold) => fold.chain.tip !== null);
    assert(frames.some(({ kind }) => kind === 'socket'));
    assert(!JSON.stringify(frames).includes(defaultKey));
  });
});

describe('a stream that fails', () => {
  const failures: readonly [string, Parameters<typeof arm>[0], ErrorCode][] = [
    ['reset during the handshake', { name: 'upgrade-reset' }, 'source.handshake_closed'],
    ['refused with 429', { name: 'upgrade-status', status: 429 }, 'source.rate_limited'],
    ['without an answer to a subscription', { name: 'ack-never' }, 'source.session_lost'],
    ['closed for being slow', { name: 'slow-consumer' }, 'source.rate_limited'],
    ['cut in a message', { name: 'cut-message' }, 'source.session_lost'],
  ];
  for (const [how, fault, code] of failures) {
    it(`${how} ends the session with ${code}`, async () => {
      const reader = await open({}, { ackTimeoutMs: 1_000 });
      arm(fault);
      // Rows stand for an answer, so the silent dataset must not have any.
      const producing = setInterval(() => scene.simulator.produce(1, { isEmpty: true }), 50);
      try {
        assert.equal((await failureOf(reader)).code, code);
      } finally {
        clearInterval(producing);
      }
    });
  }

  it('goes to the next address where there is none, and not where the key is refused', async () => {
    const elsewhere = ['ws://127.0.0.1:1/v1/evm/'];
    await open();
    const ws = [...elsewhere, scene.server.ws];
    const second = scene.connect({ ws }, someDatasets);
    await second.fold.run(second.source, (fold) => fold.chain.tip !== null);
    const refused = scene.connect({ ws: [scene.server.ws, ...elsewhere], apiKey: 'secret' });
    assert.equal((await failureOf(refused)).code, 'source.key_refused');
  });
});

function arm(fault: Parameters<BlockdbScene['simulator']['faults']['arm']>[0]): void {
  scene.simulator.faults.arm(fault.name === 'ack-never' ? { ...fault, dataset: '0103' } : fault);
}

describe('a dataset that is refused', () => {
  const plan = { keys: { [defaultKey]: { datasets: ['0101', '0102', '0304'] as const } } };

  it('stops the source', async () => {
    const error = await failureOf(await open(plan));
    assert.equal(error.code, 'source.dataset_forbidden');
    assert(error instanceof FatalError);
  });

  it('is left out, with a dead letter, and the others go on', async () => {
    const reader = await open(plan, { refusedDatasets: 'skip' });
    const { fold } = reader;
    await afterLive(
      reader,
      () => scene.simulator.produce(8),
      isFinal(scene.simulator.head.height + 2),
    );
    assert.deepEqual(
      lettersOf(fold).map(({ code }) => code),
      ['source.dataset_forbidden'],
    );
    assert(fold.updates.some((update) => update.kind === 'gap'));
    const upTo = fold.chain.finalized?.height ?? 0;
    assertSameRows(fold, scene.simulator, { datasets: ['blocks', 'token_transfers'], upTo });
    assert.equal(fold.rows('logs').length, 0);
  });

  it('does not come late, from REST, when that gives it all the same', async () => {
    const reader = await open({}, { refusedDatasets: 'skip' });
    const { fold } = reader;
    const refusal = { dataset: '0103', text: 'FORBIDDEN', retryable: false } as const;
    scene.simulator.faults.arm({ name: 'ack-error', ...refusal });
    const goal = scene.simulator.head.height + 2;
    await afterLive(reader, () => scene.simulator.produce(8), isFinal(goal));
    assert.deepEqual(
      lettersOf(fold).map(({ code }) => code),
      ['source.dataset_forbidden'],
    );
    assert.equal(fold.rows('logs').length, 0);
    assertSameRows(fold, scene.simulator, { datasets: ['transactions'], upTo: goal });
  });

  for (const [how, silent] of [
    ['is answered', 0],
    ['is not answered', 2],
  ] as const) {
    it(`ends its other subscriptions, also where that ${how}`, async () => {
      const addresses = ['11', '22'].map((digits) => digits.padEnd(40, '0'));
      const filters = { logs: addresses.map((each) => ({ contract_addresses: [each] })) };
      // Nothing waits for it to end: on a busy machine the answers that do come are late.
      const ackTimeoutMs = 5_000;
      const reader = await open({}, { refusedDatasets: 'skip', ackTimeoutMs, filters });
      const { fold } = reader;
      const told: string[] = [];
      fold.hear = (frame) => {
        if (frame.kind !== 'socket' || !frame.text.includes('"unsubscribe"')) return;
        told.push(`${frame.direction} ${frame.text}`);
      };
      const refusal = { dataset: '0103', text: 'FORBIDDEN', retryable: false } as const;
      scene.simulator.faults.arm({ name: 'ack-error', ...refusal });
      if (silent > 0)
        scene.simulator.faults.arm({ name: 'ack-never', dataset: '0103', times: silent });
      const request = '"action":"unsubscribe","chain_id":1,"dataset_id":"0103"';
      const answers = silent > 0 ? [] : [`in {${request},"status":"success"}`];
      const goal = scene.simulator.head.height + 2;
      const isOver = (now: BlockdbFold) => isFinal(goal)(now) && told.length > answers.length;
      await afterLive(reader, () => scene.simulator.produce(8), isOver);
      assert.deepEqual(told, [`out {${request}}`, ...answers]);
      assertSameRows(fold, scene.simulator, { datasets: ['transactions'], upTo: goal });
    });
  }

  it('is not known under the id that is configured', async () => {
    const error = await failureOf(await open({}, { ids: { logs: '9998' } }));
    assert.equal(error.code, 'source.dataset_unknown');
  });
});

describe('a subscription that is put off', () => {
  it('is asked for again, and ends the session when that goes on', async () => {
    const reader = await open({}, { attemptsMax: 3 });
    const fault = { name: 'ack-error', dataset: '0103', text: 'BUSY', retryable: true } as const;
    scene.simulator.faults.arm({ ...fault, times: 2 });
    await reader.fold.run(reader.source, (_, { kind }) => kind === 'idle');
    scene.simulator.faults.arm({ ...fault, times: 0 });
    const error = await failureOf(reader);
    assert(!(error instanceof FatalError));
    assert.equal(error.code, 'source.rate_limited');
  });
});

describe('rows that cannot be read', () => {
  const faults = [
    ['without a required field', 'missing-field', 'row.invalid'],
    ['with a number that is none', 'bad-number', 'row.invalid'],
    ['in a frame that is no JSON', 'malformed-frame', 'source.malformed_frame'],
    ['of a dataset that was not asked for', 'unknown-dataset', 'source.dataset_unknown'],
    ['in a frame that nobody knows', 'unknown-frame', 'source.malformed_frame'],
  ] as const;
  for (const [how, name, code] of faults) {
    it(`${how} are dead letters with their bytes, and REST gives the row`, async () => {
      const reader = await open();
      const { fold } = reader;
      const goal = scene.simulator.head.height + 1;
      await afterLive(
        reader,
        () => {
          scene.simulator.faults.arm({ name, dataset: '0102' });
          scene.simulator.produce(1, { transactions: 3 });
          scene.simulator.produce(6);
        },
        isFinal(goal),
      );
      const letters = lettersOf(fold);
      assert.deepEqual(
        letters.map((letter) => letter.code),
        [code],
      );
      assert((letters[0]?.raw.length ?? 0) > 10);
      assertSameRows(fold, scene.simulator, { ...all, upTo: goal });
    });
  }

  it('of a block that was never announced wait, and end as dead letters', async () => {
    const reader = await open({}, { restLagMaxMs: 2_000 });
    const produce = () => {
      scene.simulator.faults.arm({ name: 'orphan-row', dataset: '0102' });
      scene.simulator.produce(1, { transactions: 3 });
    };
    await afterLive(reader, produce, (fold) => lettersOf(fold).length > 0);
    assert.equal(lettersOf(reader.fold)[0]?.code, 'source.row_unannounced');
  });
});

describe('filters', () => {
  it('of one dataset take a socket each, and hold for REST too', async () => {
    scene = await BlockdbScene.open();
    const pairs = scene.simulator.cast.pools.slice(0, 2).map(({ tokens: [base, quote] }) => ({
      base_token_address: base?.address ?? '',
      quote_token_address: quote?.address ?? '',
    }));
    const prints = new Set(['prices_spot_prints']);
    const filters = { prices_spot_prints: pairs };
    const reader = scene.connect({ confirmations: 2, filters }, prints);
    const goal = scene.simulator.head.height + 6;
    await afterLive(reader, () => scene.simulator.produce(12), isFinal(goal));
    const isWanted = (row: Readonly<Record<string, unknown>>) =>
      Number(row['block_number']) <= goal &&
      pairs.some(({ base_token_address: base, quote_token_address: quote }) =>
        [`${base}/${quote}`, `${quote}/${base}`].includes(`${row['token_in']}/${row['token_out']}`),
      );
    const expected = scene.simulator.canonical()['0302'].filter(isWanted);
    assert(expected.length > 0);
    const published = reader.fold.rows('prices_spot_prints');
    assert.equal(
      published.filter(({ row }) => Number(row['height']) <= goal).length,
      expected.length,
    );
  });

  it('that are lacking leave a dataset out, which is said', async () => {
    scene = await BlockdbScene.open();
    const reader = scene.connect({}, new Set(['blocks', 'prices_spot_prints']));
    await reader.fold.run(reader.source, (fold) => fold.chain.tip !== null);
    assert.equal(reader.fold.rows('prices_spot_prints').length, 0);
  });
});

describe('bars', () => {
  it('that REST does not give come from the stream, with a gap; the others are compared', async () => {
    const hiddenPaths = { '/v1/evm/prices/spot/crypto/ohlc': 404 };
    const profile = { barsCorrectedForMs: -1, rest: { hiddenPaths } };
    scene = await BlockdbScene.open({ profile, blockTimeMs: 30_000 });
    const filters = pairFilters(scene.simulator);
    const datasets = ['prices_spot_ohlc', 'prices_spot_vwap'];
    const reader = scene.connect({ confirmations: 2, filters }, new Set(datasets));
    const { fold } = reader;
    const goal = scene.simulator.head.height + 12;
    await afterLive(
      reader,
      () => scene.simulator.produce(20, { transactions: 4 }),
      (fold) => {
        // What was said of bars last is compared when REST has come to later blocks.
        if (scene.isAtHead(fold)) scene.simulator.produce(1);
        return isFinal(goal)(fold);
      },
    );
    assertSameRows(fold, scene.simulator, {
      datasets: ['prices_spot_vwap'],
      filters,
      upTo: goal,
    });
    assert(fold.rows('prices_spot_ohlc').length > 0);
    const gaps = fold.updates.flatMap((update) => (update.kind === 'gap' ? [update.reason] : []));
    assert.match(gaps.join(), /^Rows of prices_spot_ohlc cannot be filled in or compared: .* 404/);
  });
});

describe('a bar that is corrected after it was compared', () => {
  it('is put right before its block is final, also when the stream loses that', async () => {
    const blockTimeMs = 30_000;
    const profile = { barsCorrectedForMs: 6 * blockTimeMs, rest: { bufferBlocks: 0 } };
    scene = await BlockdbScene.open({ profile, blockTimeMs, seed: '2' });
    const filters = pairFilters(scene.simulator);
    const datasets = ['prices_spot_ohlc', 'prices_spot_vwap'];
    const reader = scene.connect({ confirmations: 8, filters }, new Set(datasets));
    const { fold } = reader;
    const goal = scene.simulator.head.height + 30;
    const lose = () => {
      scene.simulator.faults.arm({ name: 'gap', dataset: '0404' });
      scene.simulator.faults.arm({ name: 'gap', dataset: '0405' });
      scene.simulator.produce(10);
    };
    await afterLive(reader, lose, (fold) => {
      // One by one, so that each is compared while it is the newest.
      if (scene.isAtHead(fold)) scene.simulator.produce(1, { transactions: 4 });
      return isFinal(goal)(fold);
    });
    assert(fold.rows('prices_spot_ohlc').length > 0);
    assertSameRows(fold, scene.simulator, { datasets, filters, upTo: goal });
  });
});

describe('what the stream did not say', () => {
  it('comes as a revision once REST says it', async () => {
    const reader = await open();
    const goal = scene.simulator.head.height + 5;
    const drop = () => {
      scene.simulator.faults.arm({ name: 'drop', dataset: '0102', times: 2 });
      scene.simulator.produce(1, { transactions: 4 });
    };
    // REST has the block only after it was reported without the rows.
    const steps = [drop, () => scene.simulator.produce(6)];
    const start = () => scene.simulator.produce(4);
    await afterLive(reader, start, (fold) => {
      if (scene.isAtHead(fold)) steps.shift()?.();
      return isFinal(goal)(fold);
    });
    const revised = reader.fold.updates.flatMap((update) =>
      update.kind === 'revision' ? [update.block.height] : [],
    );
    // Others may be revised too: rows come in many frames, and the machine may be slow.
    assert(revised.includes(goal), String(revised));
    assertSameRows(reader.fold, scene.simulator, { ...all, upTo: goal });
  });

  it('is a block: what follows waits for REST to give it', async () => {
    const reader = await open();
    const goal = scene.simulator.head.height + 1;
    const drop = () => {
      scene.simulator.faults.arm({ name: 'drop', dataset: '0101' });
      scene.simulator.produce(6);
    };
    await afterLive(reader, drop, isFinal(goal));
    assertSameRows(reader.fold, scene.simulator, { ...all, upTo: goal });
  });

  it('is that a branch fell while nobody listened', async () => {
    const reader = await open();
    const { fold, source } = reader;
    await afterLive(reader, () => scene.simulator.produce(4), scene.isAtHead);
    scene.simulator.reorganize({ depth: 3, content: { without: ['0103'] } });
    scene.simulator.produce(8);
    const goal = scene.simulator.head.height - 6;
    await fold.run(source, isFinal(goal));
    assert.equal(fold.forks.length, 1);
    assertSameRows(fold, scene.simulator, { ...all, upTo: goal });
  });
});
