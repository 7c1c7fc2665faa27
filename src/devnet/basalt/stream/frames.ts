/** The frames of `/ws/blocks`. */
import type { Block } from '../chain/block.ts';
import type { FaultRequest, Faults } from '../faults.ts';

/** The types of frames. */
export type FrameType = 'current_block' | 'new_block';

/** The block of a frame, members in the order of the wire. */
export function frameBlock(block: Block) {
  return {
    number: block.number,
    hash: block.hash,
    parentHash: block.parentHash,
    stateRoot: block.stateRoot,
    timestamp: block.timestamp,
    proposer: block.proposer,
    gasUsed: block.gasUsed,
    gasLimit: block.gasLimit,
    transactionCount: block.transactions.length,
  };
}

/** A frame, as the faults that last for all frames have it. */
export function frameOf(type: FrameType, block: Block, faults: Faults): object {
  const { proposer, gasUsed, gasLimit, ...documented } = frameBlock(block);
  const shown = faults.take('six-fields') === undefined ? frameBlock(block) : documented;
  const isInSeconds = faults.take('seconds') !== undefined;
  const timestamp = isInSeconds ? Math.floor(block.timestamp / 1000) : block.timestamp;
  return { type, block: { ...shown, timestamp } };
}

/** A frame that has members nobody knows. */
export function strangeFrame(frame: object): object {
  const stranger = { futureMember: { nothing: null, list: [1] } };
  return { ...frame, block: { ...blockIn(frame), ...stranger }, ...stranger };
}

/** A frame without one member of its block. */
export function incompleteFrame(frame: object, { text = 'parentHash' }: FaultRequest): object {
  const members = Object.entries(blockIn(frame)).filter(([name]) => name !== text);
  return { ...frame, block: Object.fromEntries(members) };
}

function blockIn(frame: object): object {
  return 'block' in frame && typeof frame.block === 'object' && frame.block !== null
    ? frame.block
    : {};
}
