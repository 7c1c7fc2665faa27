/** How a block, the head and a cycle are shown. */

import { type Item, inOrder } from '../../simulator/json.ts';
import { tezosName } from './base58.ts';
import { shown } from './cast.ts';
import type { Draw } from './draw.ts';
import { amounts, words } from './kinds/kind.ts';
import { blockRewards } from './kinds/protocol.ts';

/** A block's place in the chain. */
export interface BlockHeader {
  readonly level: number;
  readonly hash: string;
  readonly time: string;
}

const columns = words(
  `cycle level hash timestamp proto payloadRound blockRound attestationPower attestationCommittee ${blockRewards} nonceRevealed proposer producer software lbToggle lbToggleEma validations aiToggleEma doublePreendorsing`,
);

/** The members of a block; no predecessor and no id among them. */
export function blockItem(draw: Draw, header: BlockHeader): Item {
  const { random, cast } = draw;
  const proposer = shown(random.pick(cast.bakers));
  return inOrder(
    {
      cycle: draw.cycle,
      level: header.level,
      hash: header.hash,
      timestamp: header.time,
      proto: 25,
      payloadRound: 0,
      blockRound: 0,
      attestationPower: 612_345_678_901_234,
      attestationCommittee: 655_432_109_876_543,
      ...amounts(draw, blockRewards),
      nonceRevealed: random.chance(0.1),
      proposer,
      producer: proposer,
      software: { version: 'v24.1', date: '2026-05-11T08:00:00Z' },
      ...(random.chance(0.3) ? { lbToggle: random.chance(0.5) } : {}),
      lbToggleEma: 312_000_000 + random.integer(0, 999),
      validations: 0,
      aiToggleEma: 0,
      doublePreendorsing: [],
    },
    columns,
  );
}

/** The columns of `/v1/blocks`. */
export const blockColumns = columns;

/** What the head shows besides the block. */
export interface HeadState {
  readonly seed: string;
  readonly cycle: number;
  /** The highest level that the node is known to have had. */
  readonly knownLevel: number;
}

/** The members of the head. */
export function headItem(header: BlockHeader, state: HeadState): Item {
  const protocol = tezosName('protocol', 'present');
  const { level } = header;
  return {
    chain: 'simulated',
    chainId: tezosName('chain', state.seed),
    cycle: state.cycle,
    level,
    hash: header.hash,
    protocol,
    nextProtocol: protocol,
    timestamp: header.time,
    votingEpoch: 181,
    votingPeriod: 412,
    knownLevel: state.knownLevel,
    lastSync: header.time,
    synced: state.knownLevel === level,
    quoteLevel: level,
    quoteBtc: 0.0000061,
    quoteEur: 0.52,
    quoteUsd: 0.61,
    quoteCny: 4.4,
    quoteJpy: 91.2,
    quoteKrw: 830.5,
    quoteEth: 0.00021,
    quoteGbp: 0.45,
  };
}

/** Where a cycle is. */
export interface CycleBounds {
  readonly index: number;
  readonly firstLevel: number;
  readonly lastLevel: number;
  readonly startTime: string;
  readonly endTime: string;
}

/** The members of a cycle. */
export function cycleItem(bounds: CycleBounds): Item {
  const { index, firstLevel, lastLevel, startTime, endTime } = bounds;
  return {
    index,
    firstLevel,
    startTime,
    lastLevel,
    endTime,
    snapshotLevel: Math.max(firstLevel - 1, 0),
    randomSeed: index.toString(16).padStart(64, '0'),
    totalBakers: 262,
    totalBakingPower: 655_432_109_876_543,
    blockReward: 822_428,
    blockBonusPerBlock: 809_644,
    attestationRewardPerBlock: 3_105_000,
    nonceRevelationReward: 40_000,
    vdfRevelationReward: 40_000,
    dalAttestationRewardPerShard: 210,
    blockBonusPerSlot: 347,
    attestationRewardPerSlot: 443,
    endorsementRewardPerSlot: 443,
  };
}
