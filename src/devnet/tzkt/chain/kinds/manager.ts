/** The manager operations besides contract calls and rollups. */
import { tezosName } from '../base58.ts';
import { shown } from '../cast.ts';
import { managerKind } from './kind.ts';

const twoTo70 = (2n ** 70n).toString();

export const managerKinds = [
  managerKind('register_constant', {
    path: 'register_constants',
    columns: 'storageUsed storageFee address value',
    addresses: 'sender',
    make: ({ random }) => ({
      storageUsed: 100,
      storageFee: 25_000,
      address: tezosName('expression', random.hex(8)),
      value: { prim: 'Pair', args: [{ int: twoTo70 }, { string: 'constante ñ' }] },
    }),
  }),
  managerKind('set_deposits_limit', {
    path: 'set_deposits_limits',
    columns: 'limit',
    addresses: 'sender',
    make: ({ random }) => (random.chance(0.5) ? { limit: twoTo70 } : {}),
  }),
  managerKind('increase_paid_storage', {
    columns: 'storageUsed storageFee contract amount',
    addresses: 'sender contract',
    make: ({ cast }) => ({
      storageUsed: 10,
      storageFee: 2500,
      contract: shown(cast.exchange),
      amount: twoTo70,
    }),
  }),
  managerKind('update_secondary_key', {
    formerPath: 'update_consensus_key',
    columns: 'keyType activationCycle publicKey publicKeyHash',
    addresses: 'sender',
    make: ({ random, cast, cycle }) => ({
      sender: shown(random.pick(cast.bakers)),
      keyType: random.pick(['consensus', 'companion']),
      activationCycle: cycle + 3,
      publicKey: tezosName('publicKey', random.hex(8)),
      publicKeyHash: tezosName('tz4', random.hex(8)),
    }),
  }),
  managerKind('transfer_ticket', {
    columns:
      'storageUsed storageFee target ticketer amount entrypoint ticketTransfersCount contentType content',
    addresses: 'sender target ticketer',
    make: ({ cast }) => ({
      storageUsed: 0,
      storageFee: 0,
      target: shown(cast.exchange),
      ticketer: shown(cast.ticketer),
      amount: '1',
      entrypoint: 'deposit',
      contentType: { prim: 'string' },
      content: 'coupon',
    }),
  }),
  managerKind('staking', {
    columns: 'staker action requestedAmount amount baker stakingUpdatesCount',
    addresses: 'sender staker baker',
    hasBlock: false,
    make: ({ random, cast }) => {
      const staker = shown(random.pick(cast.users));
      const amount = random.integer(1, 1_000_000);
      return {
        sender: staker,
        staker,
        action: random.pick(['stake', 'unstake', 'finalize']),
        requestedAmount: amount,
        amount,
        baker: shown(random.pick(cast.bakers)),
        stakingUpdatesCount: 1,
      };
    },
  }),
  managerKind('set_delegate_parameters', {
    columns: 'limitOfStakingOverBaking edgeOfBakingOverStaking activationCycle',
    addresses: 'sender',
    hasBlock: false,
    make: ({ random, cast, cycle }) => ({
      sender: shown(random.pick(cast.bakers)),
      limitOfStakingOverBaking: 5_000_000,
      edgeOfBakingOverStaking: 100_000_000,
      activationCycle: cycle + 3,
    }),
  }),
  managerKind('dal_publish_commitment', {
    columns: 'slot commitment',
    addresses: 'sender',
    hasBlock: false,
    make: ({ random }) => ({
      slot: random.integer(0, 31),
      commitment: `sh${random.hex(36)}`,
    }),
  }),
];
