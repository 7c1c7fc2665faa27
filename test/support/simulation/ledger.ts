/** A ledger with encoders that can be read, blocks for it, and what a publication of it says. */
import assert from 'node:assert/strict';
import type { BlockHeader } from '../../../src/model/block.ts';
import type { ControlEvent } from '../../../src/model/control.ts';
import type { BlockUpdate } from '../../../src/model/update.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import { Ledger } from '../../../src/pipeline/ledger.ts';
import {
  type LedgerOptions,
  nothingRestored,
  type RestoredState,
} from '../../../src/pipeline/ledger-state.ts';
import { type SimulatedBlock, simulatedChannels } from './chain-world.ts';
import { parseCheckpoint, simulatedEncoders } from './encoders.ts';

const nothing = () => undefined;

/** Of one dataset, `logs`; what was quarantined is listed by its code. */
export function ledgerWith(
  change: Partial<LedgerOptions<SimulatedBlock>> = {},
  restored: RestoredState = nothingRestored,
) {
  const quarantined: string[] = [];
  const options: LedgerOptions<SimulatedBlock> = {
    chain: 'test:1',
    source: 'sim',
    kind: 'sim',
    identity: 'test:1/genesis',
    generation: 1,
    undoBlocksMax: 100,
    undoRowsMax: 100,
    correctionsMs: 3_600_000,
    finalRowsMax: 100,
    tables: [],
    dataErrors: 'stop',
    encoders: simulatedEncoders(),
    normalize: createNormalizer(simulatedChannels, new Set(['logs'])),
    clock: { nowMs: () => 7, nowUs: () => 7000, sleep: () => Promise.resolve() },
    observer: {
      applied: nothing,
      reverted: nothing,
      revised: nothing,
      finalized: nothing,
      batched: nothing,
      quarantined: (code) => quarantined.push(code),
    },
    ...change,
  };
  return { ledger: new Ledger(options, restored), quarantined };
}

/** Branch b leaves branch a at height 2. */
export function block(height: number, branch = 'a', rows = 1): BlockUpdate<SimulatedBlock> {
  const header: BlockHeader = {
    height,
    hash: `${height}${branch}`,
    parentHash: `${height - 1}${height === 2 ? 'a' : branch}`,
    timeMs: height * 1000,
  };
  const content = Array.from({ length: rows }, (_, index) => ({
    dataset: 'logs',
    row: { height, block_hash: header.hash, index, routing: 0 },
  }));
  const messages = [{ ...header, rows: content }];
  return { kind: 'block', header, messages, isBackfill: false, receivedAtUs: 1 };
}

/** Closes the draft as if its records had landed one after the other from `base` on. */
export function publish(ledger: Ledger<SimulatedBlock>, base = 0) {
  const batch = ledger.close();
  const offsets = Float64Array.from(batch.records, (_, index) => base + index);
  const sealed = batch.seal(offsets);
  const control = sealed
    .filter(({ topic }) => topic === 'control')
    .map(({ value }) => JSON.parse(String(value)) as ControlEvent);
  const last = sealed.at(-1)?.value;
  assert.ok(last);
  const final = sealed.filter(({ topic }) => topic === 'logs.final');
  return { batch, control, final: final.length, checkpoint: parseCheckpoint(last) };
}
