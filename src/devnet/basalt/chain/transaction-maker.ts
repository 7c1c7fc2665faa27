/** Makes the transactions of a block: every type, fees of both kinds, values that break readers. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import { zeroAddress } from './block.ts';
import type { Cast } from './cast.ts';
import { hashTransaction } from './serialize.ts';
import type { ComplianceProof, Transaction } from './transaction.ts';
import {
  type TransactionType,
  type TypeSpec,
  transactionTypes,
  typeSpecs,
} from './transaction-types.ts';

/** What a transaction is drawn from. */
export interface TransactionDraw {
  readonly random: SeededRandom;
  readonly cast: Cast;
  readonly chainId: number;
  readonly baseFee: bigint;
  /** The nonce that this sender has to use next. */
  nonceOf(sender: string): number;
}

/** The largest u256. */
export const u256Max = 2n ** 256n - 1n;

const u64Max = 2n ** 64n - 1n;
const longDataBytes = 20_000;
/** Transfers and calls are more frequent than the rest. */
const mix: readonly TransactionType[] = [
  ...transactionTypes,
  ...Array.from({ length: 12 }, () => 'Transfer' as const),
  ...Array.from({ length: 8 }, () => 'ContractCall' as const),
];

/** Makes one. */
export function makeTransaction(
  draw: TransactionDraw,
  types: readonly TransactionType[] = mix,
): Transaction {
  const { random, cast, chainId } = draw;
  const type = random.pick(types);
  const spec: TypeSpec = typeSpecs[type];
  const sender = random.pick(cast.users);
  const proofs = random.chance(0.05) ? drawProofs(random) : [];
  const unsigned = {
    type,
    nonce: draw.nonceOf(sender),
    sender,
    to: drawReceiver(spec, draw),
    value: spec.hasValue ? drawAmount(random) : 0n,
    gasLimit: random.chance(0.01) ? u64Max : BigInt(random.integer(21_000, 900_000)),
    ...drawFees(draw),
    data: drawData(spec, random),
    priority: random.integer(0, 255),
    chainId,
    proofs,
  };
  return {
    ...unsigned,
    hash: hashTransaction(unsigned),
    signature: random.hex(64),
    senderPublicKey: random.hex(32),
  };
}

/** An amount: mostly ordinary, now and then zero, one, or the largest there is. */
export function drawAmount(random: SeededRandom): bigint {
  if (random.chance(0.1)) return random.pick([0n, 1n, u256Max, 2n ** 64n, 2n ** 128n + 1n]);
  return BigInt(random.integer(1, 2_000_000)) * 10n ** 12n + BigInt(random.integer(0, 999_999));
}

function drawReceiver({ to }: TypeSpec, { random, cast }: TransactionDraw): string {
  if (to === 'nobody') return zeroAddress;
  if (to === 'dex') return cast.dex;
  return random.pick(to === 'user' ? cast.users : cast.contracts);
}

function drawFees({ random, baseFee }: TransactionDraw) {
  if (random.chance(0.4)) {
    const gasPrice = random.chance(0.03) ? u256Max : baseFee + BigInt(random.integer(0, 50));
    return { gasPrice, maxFeePerGas: null, maxPriorityFeePerGas: null };
  }
  // A tip of zero is not the same as none, which the raw form cannot tell.
  const tip = random.chance(0.2) ? 0n : BigInt(random.integer(1, 20));
  return { gasPrice: 0n, maxFeePerGas: baseFee * 2n + tip, maxPriorityFeePerGas: tip };
}

function drawData({ dataBytes: [min, max] }: TypeSpec, random: SeededRandom): string {
  const isLong = max > 0 && random.chance(0.01);
  const sizeBytes = isLong ? longDataBytes : random.integer(min, max);
  return random.hex(sizeBytes).toUpperCase();
}

function drawProofs(random: SeededRandom): readonly ComplianceProof[] {
  return Array.from({ length: random.integer(1, 2) }, () => ({
    schemaId: `0x${random.hex(32)}`,
    proof: random.hex(192).toUpperCase(),
    publicInputs: random.hex(64).toUpperCase(),
    nullifier: `0x${random.hex(32)}`,
  }));
}
