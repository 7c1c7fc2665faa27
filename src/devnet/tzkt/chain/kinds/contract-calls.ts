/**
 * Transactions, originations and delegations: the kinds that carry code hashes, internal operations,
 * storage and big-map diffs. Their content is written by `transactions.ts` and its neighbours.
 */
import { tezosName } from '../base58.ts';
import { shown } from '../cast.ts';
import { kind, managerFields } from './kind.ts';

const fees = 'gasLimit gasUsed storageLimit storageUsed bakerFee storageFee allocationFee';

export const transaction = kind('transaction', {
  path: 'transactions',
  columns: `counter initiator sender senderCodeHash nonce ${fees} target targetCodeHash amount parameter storage diffs status errors hasInternals tokenTransfersCount ticketTransfersCount eventsCount`,
  addresses: 'initiator sender target',
  make: (draw) => ({
    ...managerFields(draw),
    storageUsed: 0,
    storageFee: 0,
    allocationFee: 0,
    target: shown(draw.random.pick(draw.cast.users)),
    amount: draw.random.integer(0, 5_000_000),
    hasInternals: false,
  }),
});

export const origination = kind('origination', {
  path: 'originations',
  columns: `counter initiator sender senderCodeHash nonce ${fees} contractBalance contractDelegate storage diffs status errors originatedContract tokenTransfersCount`,
  addresses: 'initiator sender contractDelegate',
  make: (draw) => ({
    ...managerFields(draw),
    storageUsed: 1980,
    storageFee: 495_000,
    allocationFee: 64_250,
    contractBalance: draw.random.integer(0, 1000),
  }),
});

export const delegation = kind('delegation', {
  path: 'delegations',
  columns:
    'counter initiator sender senderCodeHash nonce gasLimit gasUsed storageLimit bakerFee amount stakingUpdatesCount prevDelegate newDelegate status errors',
  addresses: 'initiator sender prevDelegate newDelegate',
  make: (draw) => ({
    ...managerFields(draw),
    amount: draw.random.integer(0, 9_000_000),
    ...(draw.random.chance(0.5) ? { newDelegate: shown(draw.random.pick(draw.cast.bakers)) } : {}),
  }),
});

export const reveal = kind('reveal', {
  path: 'reveals',
  columns: 'sender counter gasLimit gasUsed storageLimit bakerFee status errors publicKey',
  addresses: 'sender',
  make: (draw) => ({
    ...managerFields(draw),
    publicKey: tezosName('publicKey', draw.random.hex(8)),
  }),
});
