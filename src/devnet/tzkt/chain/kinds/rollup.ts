/** Smart-rollup operations, and those of the transaction rollups that are history. */

import type { Item } from '../../../simulator/json.ts';
import { tezosName } from '../base58.ts';
import { type Cast, shown } from '../cast.ts';
import type { Draw } from '../draw.ts';
import { managerKind, type OperationKind } from './kind.ts';

// Beyond 2^53 on purpose: no other amount that TzKT sends as a number can be.
const ticks = 9_000_000_000_000_000;

const commitment = ({ random, cast, level }: Draw): Item => ({
  id: 17,
  initiator: shown(random.pick(cast.users)),
  inboxLevel: level - 20,
  state: tezosName('rollupState', random.hex(8)),
  hash: tezosName('rollupCommitment', random.hex(8)),
  ticks,
  firstLevel: level,
  firstTime: '2026-07-02T09:14:36Z',
});

const rollup = (cast: Cast): Item => ({ rollup: shown(cast.rollup) });

export const smartRollupKinds = [
  managerKind('sr_add_messages', {
    columns: 'messagesCount',
    addresses: 'sender',
    hasBlock: false,
    make: ({ random }) => ({ messagesCount: random.integer(1, 9) }),
  }),
  managerKind('sr_cement', {
    columns: 'rollup commitment',
    addresses: 'sender rollup',
    hasBlock: false,
    make: (draw) => ({ ...rollup(draw.cast), commitment: commitment(draw) }),
  }),
  managerKind('sr_execute', {
    columns: 'storageUsed storageFee rollup commitment ticketTransfersCount',
    addresses: 'sender rollup',
    hasBlock: false,
    make: (draw) => ({
      storageUsed: 0,
      storageFee: 0,
      ...rollup(draw.cast),
      commitment: commitment(draw),
    }),
  }),
  managerKind('sr_originate', {
    columns: 'storageUsed storageFee pvmKind kernel parameterType genesisCommitment rollup',
    addresses: 'sender rollup',
    hasBlock: false,
    make: (draw) => ({
      storageUsed: 6552,
      storageFee: 1_638_000,
      pvmKind: 'wasm_2_0_0',
      kernel: Buffer.from('\0asm kernel').toString('base64'),
      parameterType: { prim: 'or', args: [{ prim: 'bytes' }, { prim: 'unit' }] },
      genesisCommitment: commitment(draw),
      ...rollup(draw.cast),
    }),
  }),
  managerKind('sr_publish', {
    columns: 'rollup commitment bond',
    addresses: 'sender rollup',
    hasBlock: false,
    make: (draw) => ({
      ...rollup(draw.cast),
      commitment: commitment(draw),
      bond: 10_000_000_000,
    }),
  }),
  managerKind('sr_recover_bond', {
    columns: 'rollup staker bond',
    addresses: 'sender rollup staker',
    hasBlock: false,
    make: ({ random, cast }) => ({
      ...rollup(cast),
      staker: shown(random.pick(cast.users)),
      bond: 10_000_000_000,
    }),
  }),
  managerKind('sr_refute', {
    columns: 'rollup game move gameStatus dissectionStart dissectionEnd dissectionSteps',
    addresses: 'sender rollup initiator=game.initiator opponent=game.opponent',
    hasBlock: false,
    make: ({ random, cast, level }) => ({
      ...rollup(cast),
      game: {
        id: 3,
        initiator: shown(random.pick(cast.users)),
        opponent: shown(random.pick(cast.users)),
        firstLevel: level,
      },
      move: 'dissection',
      gameStatus: 'ongoing',
      dissectionStart: 0,
      dissectionEnd: ticks,
      dissectionSteps: 32,
    }),
  }),
];

const former = (type: string, columns: string, fields: (draw: Draw) => Item): OperationKind =>
  managerKind(type, {
    columns: `rollup ${columns}`,
    addresses: type === 'tx_rollup_rejection' ? 'sender rollup committer' : 'sender rollup',
    make: (draw) => ({ rollup: shown(draw.cast.formerRollup), ...fields(draw) }),
  });

export const formerRollupKinds = [
  former('tx_rollup_origination', 'allocationFee', () => ({ allocationFee: 1_000_000 })),
  former('tx_rollup_submit_batch', 'storageFee', () => ({ storageFee: 0 })),
  former('tx_rollup_commit', 'bond', () => ({ bond: 10_000_000_000 })),
  former('tx_rollup_return_bond', 'bond', () => ({ bond: 10_000_000_000 })),
  former('tx_rollup_finalize_commitment', '', () => ({})),
  former('tx_rollup_remove_commitment', '', () => ({})),
  former('tx_rollup_rejection', 'committer reward loss', ({ random, cast }) => ({
    committer: shown(random.pick(cast.users)),
    reward: 5,
    loss: 10,
  })),
  former('tx_rollup_dispatch_tickets', 'storageFee', () => ({ storageFee: 0 })),
];
