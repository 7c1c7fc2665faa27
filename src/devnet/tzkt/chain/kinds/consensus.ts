/** Operations of bakers: attestations, votes, accusations, revelations. */

import type { Item } from '../../../simulator/json.ts';
import { tezosName } from '../base58.ts';
import { shown } from '../cast.ts';
import type { Draw } from '../draw.ts';
import { amounts, kind } from './kind.ts';

const power = 2_204_551_230_012;
const staked = 'rewardDelegated rewardStakedOwn rewardStakedEdge rewardStakedShared';
const losses = 'lostStaked lostUnstaked lostExternalStaked lostExternalUnstaked';

const baker = ({ random, cast }: Draw): Item => shown(random.pick(cast.bakers));

const period = ({ level }: Draw): Item => ({
  index: 412,
  epoch: 181,
  kind: 'exploration',
  firstLevel: level - (level % 100),
  lastLevel: level - (level % 100) + 99,
});

const proposed = ({ cast }: Draw): Item => ({
  alias: 'Ünïted',
  hash: tezosName('protocol', `${cast.seed}/proposal`),
});

const accusation = (draw: Draw): Item => ({
  accusedLevel: draw.level - 2,
  slashedLevel: draw.level + 10,
  accuser: baker(draw),
  offender: baker(draw),
  ...amounts(draw, `reward ${losses}`),
});

export const attestation = kind('attestation', {
  path: 'attestations',
  formerPath: 'endorsements',
  columns: 'delegate power deposit rewards slots',
  addresses: 'delegate',
  isProtocol: true,
  make: (draw) => ({ delegate: baker(draw), power, deposit: 0, rewards: 0, slots: 0 }),
});

export const consensusKinds = [
  kind('preattestation', {
    path: 'preattestations',
    formerPath: 'preendorsements',
    columns: 'delegate power slots',
    addresses: 'delegate',
    isProtocol: true,
    make: (draw) => ({ delegate: baker(draw), power, slots: 0 }),
  }),
  kind('ballot', {
    path: 'ballots',
    columns: 'period proposal delegate votingPower vote',
    addresses: 'delegate',
    make: (draw) => ({
      period: period(draw),
      proposal: proposed(draw),
      delegate: baker(draw),
      votingPower: power,
      vote: draw.random.pick(['yay', 'nay', 'pass']),
    }),
  }),
  kind('proposal', {
    path: 'proposals',
    columns: 'period proposal delegate votingPower duplicated',
    addresses: 'delegate',
    make: (draw) => ({
      period: period(draw),
      proposal: proposed(draw),
      delegate: baker(draw),
      votingPower: power,
      duplicated: draw.random.chance(0.2),
    }),
  }),
  kind('activation', {
    path: 'activations',
    columns: 'account balance',
    addresses: 'account',
    make: ({ random, cast }) => ({
      account: shown(random.pick(cast.users)),
      balance: random.integer(1, 1_000_000),
    }),
  }),
  kind('double_baking', {
    columns: `accusedLevel slashedLevel accuser reward offender ${losses} stakingUpdatesCount`,
    addresses: 'accuser offender',
    make: accusation,
  }),
  kind('double_consensus', {
    formerPath: 'double_endorsing',
    columns: `kind accusedLevel slashedLevel accuser reward offender ${losses} stakingUpdatesCount`,
    addresses: 'accuser offender',
    make: (draw) => ({
      kind: draw.random.pick(['double_attestation', 'double_preattestation']),
      ...accusation(draw),
    }),
  }),
  kind('dal_entrapment_evidence', {
    columns: 'accuser offender trapLevel trapSlotIndex',
    addresses: 'accuser offender',
    make: (draw) => ({
      accuser: baker(draw),
      offender: baker(draw),
      trapLevel: draw.level - 3,
      trapSlotIndex: 7,
    }),
  }),
  kind('nonce_revelation', {
    path: 'nonce_revelations',
    columns: `baker sender revealedLevel revealedCycle nonce ${staked}`,
    addresses: 'baker sender',
    make: (draw) => ({
      baker: baker(draw),
      sender: baker(draw),
      revealedLevel: draw.level - 30,
      revealedCycle: draw.cycle - 1,
      nonce: draw.random.hex(32),
      ...amounts(draw, staked),
    }),
  }),
  kind('vdf_revelation', {
    path: 'vdf_revelations',
    columns: `baker cycle solution proof ${staked}`,
    addresses: 'baker',
    make: (draw) => ({
      baker: baker(draw),
      cycle: draw.cycle,
      solution: draw.random.hex(100),
      proof: draw.random.hex(100),
      ...amounts(draw, staked),
    }),
  }),
  kind('drain_delegate', {
    columns: 'delegate target amount fee allocationFee',
    addresses: 'delegate target',
    make: (draw) => ({
      delegate: baker(draw),
      target: baker(draw),
      ...amounts(draw, 'amount fee allocationFee'),
    }),
  }),
];
