/**
 * Decides what becomes of the transactions of replaced blocks: kept, dropped, or mined again
 * elsewhere. Pure. It keeps every account's nonces without holes, because a node leaves out, without
 * an error, what cannot run.
 */
import type { SeededRandom } from './seeded-random.ts';

/** A transaction of a replaced block. */
export interface ReplacedTransaction {
  readonly hash: string;
  readonly from: string;
  readonly nonce: number;
}

/** A place in a new block: a replaced transaction again, or the next newcomer. */
export type Slot = { readonly hash: string } | { readonly newcomer: number };

/** What a plan may do. */
export interface ReorgPlanOptions {
  readonly random: SeededRandom;
  /** New transactions to place, in the order of their index. */
  readonly newcomers: number;
  /** Account whose transactions are never kept, because the newcomers use its nonces. */
  readonly newcomerAccount: string;
}

/**
 * The new blocks, as many as there were. Of each account's transactions a beginning is kept, in
 * nonce order. At least one transaction is dropped; one is kept if there are two or more and one of
 * them is not the newcomer account's.
 */
export function planReorg(
  replaced: readonly (readonly ReplacedTransaction[])[],
  options: ReorgPlanOptions,
): readonly (readonly Slot[])[] {
  const { random } = options;
  const kept = chooseKept(replaced.flat(), options);
  const blocks = spreadOverBlocks(replaced, kept, random).map((block) =>
    random.chance(0.5) ? reorderWithinBlock(block, random) : block,
  );
  return insertNewcomers(blocks, options);
}

function chooseKept(
  transactions: readonly ReplacedTransaction[],
  { random, newcomerAccount }: ReorgPlanOptions,
): ReadonlySet<string> {
  const movable = transactions.filter(({ from }) => from !== newcomerAccount);
  const accounts = [...byAccount(movable).values()];
  const cuts = accounts.map((own) =>
    random.chance(0.4) ? random.integer(0, own.length - 1) : own.length,
  );
  const keptCount = cuts.reduce((sum, cut) => sum + cut, 0);
  const victim = accounts.length === 0 ? 0 : random.integer(0, accounts.length - 1);
  if (accounts.length > 0 && keptCount === transactions.length) {
    cuts[victim] = (cuts[victim] ?? 0) - 1;
  } else if (keptCount === 0 && transactions.length > 1 && accounts.length > 0) {
    cuts[victim] = 1;
  }
  return new Set(
    accounts.flatMap((own, index) => own.slice(0, cuts[index] ?? 0).map(({ hash }) => hash)),
  );
}

/** Invariant: an account's later transaction is never in an earlier block than its former one. */
function spreadOverBlocks(
  replaced: readonly (readonly ReplacedTransaction[])[],
  kept: ReadonlySet<string>,
  random: SeededRandom,
): ReplacedTransaction[][] {
  const blocks: ReplacedTransaction[][] = replaced.map(() => []);
  const earliest = new Map<string, number>();
  for (const [offset, block] of replaced.entries()) {
    for (const transaction of block) {
      if (!kept.has(transaction.hash)) continue;
      const wanted = Math.min(blocks.length - 1, offset + (random.chance(0.2) ? 1 : 0));
      const placed = Math.max(wanted, earliest.get(transaction.from) ?? 0);
      earliest.set(transaction.from, placed);
      blocks[placed]?.push(transaction);
    }
  }
  return blocks;
}

function reorderWithinBlock(
  block: readonly ReplacedTransaction[],
  random: SeededRandom,
): ReplacedTransaction[] {
  const queues = byAccount(block);
  const turns = random.shuffle(block.map(({ from }) => from));
  return turns.flatMap((from) => queues.get(from)?.shift() ?? []);
}

function insertNewcomers(
  blocks: readonly (readonly ReplacedTransaction[])[],
  { random, newcomers }: ReorgPlanOptions,
): readonly (readonly Slot[])[] {
  const slots: Slot[][] = blocks.map((block) => block.map(({ hash }) => ({ hash })));
  const targets = Array.from({ length: newcomers }, () => random.integer(0, blocks.length - 1));
  targets.sort((left, right) => left - right);
  let index = 0;
  for (const [offset, block] of slots.entries()) {
    const count = targets.filter((target) => target === offset).length;
    const positions = Array.from({ length: count }, () => random.integer(0, block.length));
    positions.sort((left, right) => left - right);
    for (const [shift, position] of positions.entries()) {
      block.splice(position + shift, 0, { newcomer: index });
      index += 1;
    }
  }
  return slots;
}

function byAccount(
  transactions: readonly ReplacedTransaction[],
): Map<string, ReplacedTransaction[]> {
  const accounts = new Map<string, ReplacedTransaction[]>();
  for (const transaction of transactions) {
    const own = accounts.get(transaction.from);
    if (own === undefined) accounts.set(transaction.from, [transaction]);
    else own.push(transaction);
  }
  for (const own of accounts.values()) own.sort((left, right) => left.nonce - right.nonce);
  return accounts;
}
