/** Makes receipts and logs: success and failure, events with and without topics and data. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Cast } from './cast.ts';
import { hashOf } from './serialize.ts';
import type { Log, Receipt, Transaction } from './transaction.ts';
import { type TypeSpec, typeSpecs } from './transaction-types.ts';

/** What receipts are drawn from. */
export interface ReceiptDraw {
  readonly random: SeededRandom;
  readonly cast: Cast;
  readonly baseFee: bigint;
  readonly stateRoot: string;
}

const failures = [
  'ContractReverted',
  'OutOfGas',
  'InsufficientBalance',
  'StakeBelowMinimum',
  'KycRequired',
  'ReentrancyDetected',
];
const gasMax = 400_000;

/** The receipt of the transaction at this index of its block. */
export function makeReceipt(draw: ReceiptDraw, transaction: Transaction, index: number): Receipt {
  const { random, baseFee, stateRoot } = draw;
  const success = random.chance(0.9);
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  const offered = baseFee + (maxPriorityFeePerGas ?? 0n);
  const limit = Number(transaction.gasLimit);
  return {
    transactionHash: transaction.hash,
    transactionIndex: index,
    from: transaction.sender,
    to: transaction.to,
    gasUsed: random.integer(Math.min(21_000, limit), Math.min(limit, gasMax)),
    success,
    errorCode: success ? 'Success' : random.pick(failures),
    postStateRoot: stateRoot,
    effectiveGasPrice:
      maxFeePerGas === null ? gasPrice : offered < maxFeePerGas ? offered : maxFeePerGas,
    logs: success ? makeLogs(draw, transaction) : [],
  };
}

/** The receipt of an order that was filled by the settlement at the end of a block. */
export function makeFill(draw: ReceiptDraw, name: string, index: number): Receipt {
  const { random, cast, stateRoot } = draw;
  return {
    transactionHash: hashOf(`fill/${name}/${index}`),
    transactionIndex: index,
    from: random.pick(cast.users),
    to: cast.dex,
    gasUsed: 0,
    success: true,
    errorCode: 'Success',
    postStateRoot: stateRoot,
    effectiveGasPrice: 0n,
    logs: [makeLog(draw, cast.dex, 'OrderFilled')],
  };
}

function makeLogs(draw: ReceiptDraw, { type, to }: Transaction): readonly Log[] {
  const { random, cast } = draw;
  const spec: TypeSpec = typeSpecs[type];
  if (spec.events.length === 0) return [];
  const contract = spec.to === 'nobody' ? random.pick(cast.contracts) : to;
  const count = type === 'ContractCall' ? random.integer(0, 4) : 1;
  return Array.from({ length: count }, () => makeLog(draw, contract, random.pick(spec.events)));
}

function makeLog({ random, cast }: ReceiptDraw, contract: string, event: string): Log {
  const word = (address: string): string => `0x${address.slice(2).padStart(64, '0')}`;
  const topics = Array.from({ length: random.integer(0, 3) }, () =>
    random.chance(0.5) ? word(random.pick(cast.users)) : `0x${random.hex(32)}`,
  );
  const data = random.chance(0.25) ? '' : random.hex(random.integer(1, 96)).toUpperCase();
  return { contract, eventSignature: hashOf(event), topics, data };
}
