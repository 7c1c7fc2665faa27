/** What the protocol does by itself: rewards, penalties, migrations. No hash; one block each. */
import { shown } from '../cast.ts';
import { amounts, kind } from './kind.ts';

/** Rewards of a block, as the block and its `baking` operation show them. */
export const blockRewards =
  'deposit rewardDelegated rewardStakedOwn rewardStakedEdge rewardStakedShared bonusDelegated bonusStakedOwn bonusStakedEdge bonusStakedShared fees';
const rewards = 'rewardDelegated rewardStakedOwn rewardStakedEdge rewardStakedShared';

export const baking = kind('baking', {
  columns: `proposer producer payloadRound blockRound ${blockRewards}`,
  addresses: 'proposer producer',
  hasHash: false,
  make: (draw) => {
    const proposer = shown(draw.random.pick(draw.cast.bakers));
    const rounds = { payloadRound: 0, blockRound: 0 };
    return { proposer, producer: proposer, ...rounds, ...amounts(draw, blockRewards) };
  },
});

export const protocolKinds = [
  kind('attestation_reward', {
    path: 'attestation_rewards',
    formerPath: 'endorsing_rewards',
    columns: `baker expected ${rewards}`,
    addresses: 'baker',
    hasHash: false,
    make: (draw) => ({
      baker: shown(draw.random.pick(draw.cast.bakers)),
      ...amounts(draw, `expected ${rewards}`),
    }),
  }),
  kind('dal_attestation_reward', {
    columns: `baker expected ${rewards}`,
    addresses: 'baker',
    hasHash: false,
    make: (draw) => ({
      baker: shown(draw.random.pick(draw.cast.bakers)),
      ...amounts(draw, `expected ${rewards}`),
    }),
  }),
  kind('revelation_penalty', {
    path: 'revelation_penalties',
    columns: 'baker missedLevel loss',
    addresses: 'baker',
    hasHash: false,
    make: (draw) => ({
      baker: shown(draw.random.pick(draw.cast.bakers)),
      missedLevel: draw.level - 40,
      loss: 0,
    }),
  }),
  kind('migration', {
    path: 'migrations',
    columns: 'account kind balanceChange storage diffs tokenTransfersCount',
    addresses: 'account',
    hasHash: false,
    make: (draw) => ({
      kind: draw.random.pick(['proposal_invoice', 'code_change', 'subsidy', 'airdrop']),
      account: shown(draw.cast.exchange),
      balanceChange: draw.random.integer(0, 1000),
      storage: { reserves: { xtz: (2n ** 80n).toString() } },
    }),
  }),
  kind('autostaking', {
    columns: 'baker action amount stakingUpdatesCount',
    addresses: 'baker',
    hasHash: false,
    hasBlock: false,
    make: (draw) => ({
      baker: shown(draw.random.pick(draw.cast.bakers)),
      action: 'stake',
      ...amounts(draw, 'amount'),
      stakingUpdatesCount: 1,
    }),
  }),
];
