/**
 * Replaces the newest blocks of a devnet node. It reads what it needs from the chain, so it also
 * works on a chain that others fill, and reports what it finds afterwards, not what it planned.
 */
import { FatalError } from '../../model/errors.ts';
import type { Branch } from './branch.ts';
import { type MinedBlock, readBlock, readBlocks, readRawTransactions } from './chain-reader.ts';
import { readAccounts } from './mine-block.ts';
import { mineInstead } from './mine-instead.ts';
import { NodeRpc } from './node-rpc.ts';
import { planReorg, type Slot } from './reorg-plan.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TransactionRequest } from './transaction-request.ts';

/** What a reorganization shall do. */
export interface ReorgOptions {
  /** Blocks to replace, from 1 to the height of the chain. */
  readonly depth: number;
  /** True: no transaction comes back, the new blocks are empty. */
  readonly drop: boolean;
  readonly random: SeededRandom;
  /** New transactions of the node's last unlocked account, put among the kept ones. */
  readonly newcomers: readonly TransactionRequest[];
  /** Seconds between the new blocks. */
  readonly timestampStepSeconds: number;
}

/** What a reorganization did. All hashes are transaction hashes unless named otherwise. */
export interface ReorgOutcome {
  readonly depth: number;
  readonly head: MinedBlock;
  readonly commonAncestor: { readonly height: number; readonly hash: string };
  /** Mined again at the same height and the same index, in a block with another hash. */
  readonly kept: readonly string[];
  /** Mined again at another height or index. */
  readonly moved: readonly string[];
  /** Not on the new branch. */
  readonly dropped: readonly string[];
  /** On the new branch only. */
  readonly inserted: readonly string[];
  /** What was replaced; `restoreBranch` can bring it back. */
  readonly replaced: Branch;
}

/**
 * Replaces the newest blocks of the node at `url`, for callers that do not run the traffic. Same
 * seed, same plan. Throws `FatalError` (`devnet.node_refused`) when the depth is not possible.
 */
export async function reorg(options: {
  readonly url: string;
  readonly depth: number;
  readonly drop?: boolean;
  readonly seed?: string | number;
  readonly signal?: AbortSignal;
}): Promise<ReorgOutcome> {
  const rpc = new NodeRpc(options.url, options.signal);
  const accounts = await readAccounts(rpc);
  const from = accounts.at(-1) ?? '';
  const to = accounts[0] ?? '';
  return replaceBlocks(rpc, {
    depth: options.depth,
    drop: options.drop ?? false,
    random: new SeededRandom(options.seed ?? 1),
    newcomers: [{ kind: 'value_transfer', from, to, value: 1n, gas: 21_000 }],
    timestampStepSeconds: 1,
  });
}

/**
 * Replaces the newest `depth` blocks by as many new ones: takes them off and mines others. Plans anew
 * when someone else mined meanwhile. Not by `anvil_reorg`: while others read, it can hang the node
 * for good (1.7.1).
 */
export async function replaceBlocks(rpc: NodeRpc, options: ReorgOptions): Promise<ReorgOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const replaced = await readBranch(rpc, options.depth);
    const plan = planBlocks(replaced, options);
    const head = await readBlock(rpc, 'latest');
    if (head.hash !== replaced.blocks.at(-1)?.hash && attempt < attemptsMax) continue;
    await rpc.call('anvil_rollback', options.depth);
    await mineInstead(rpc, { replaced, plan, ...options });
    return describeReorg(rpc, replaced);
  }
}

/** Takes the newest blocks off and puts nothing in their place: the chain is shorter. */
export async function rollBack(rpc: NodeRpc, depth: number): Promise<ReorgOutcome> {
  const replaced = await readBranch(rpc, depth);
  await rpc.call('anvil_rollback', depth);
  return describeReorg(rpc, replaced);
}

/** The newest blocks with their signed transactions. */
export async function readBranch(rpc: NodeRpc, depth: number): Promise<Branch> {
  const head = await readBlock(rpc, 'latest');
  if (!Number.isInteger(depth) || depth < 1 || depth > head.height) {
    throw new FatalError('devnet.node_refused', {
      stage: 'devnet',
      message: `A reorg of ${depth} blocks is not possible: give 1 to ${head.height} blocks.`,
      context: { depth, height: head.height },
    });
  }
  const blocks = await readBlocks(rpc, head.height - depth + 1, head.height);
  const hashes = blocks.flatMap(({ transactions }) => transactions.map(({ hash }) => hash));
  return { blocks, rawTransactions: await readRawTransactions(rpc, hashes) };
}

/** Compares a replaced branch with what the chain now has above the common ancestor. */
export async function describeReorg(rpc: NodeRpc, replaced: Branch): Promise<ReorgOutcome> {
  const firstHeight = replaced.blocks[0]?.height ?? 0;
  const ancestor = await readBlock(rpc, firstHeight - 1);
  const head = await readBlock(rpc, 'latest');
  const blocks = await readBlocks(rpc, firstHeight, head.height);
  const before = positionsOf(replaced.blocks);
  const after = positionsOf(blocks);
  const again = [...before.keys()].filter((hash) => after.has(hash));
  return {
    depth: replaced.blocks.length,
    head,
    commonAncestor: { height: ancestor.height, hash: ancestor.hash },
    kept: again.filter((hash) => before.get(hash) === after.get(hash)),
    moved: again.filter((hash) => before.get(hash) !== after.get(hash)),
    dropped: [...before.keys()].filter((hash) => !after.has(hash)),
    inserted: [...after.keys()].filter((hash) => !before.has(hash)),
    replaced,
  };
}

const attemptsMax = 5;

function planBlocks(
  { blocks }: Branch,
  { drop, random, newcomers }: ReorgOptions,
): readonly (readonly Slot[])[] {
  if (drop) return blocks.map(() => []);
  return planReorg(
    blocks.map(({ transactions }) => transactions),
    { random, newcomers: newcomers.length, newcomerAccount: newcomers[0]?.from ?? '' },
  );
}

function positionsOf(blocks: readonly MinedBlock[]): ReadonlyMap<string, string> {
  return new Map(
    blocks.flatMap(({ height, transactions }) =>
      transactions.map(({ hash }, index): [string, string] => [hash, `${height}/${index}`]),
    ),
  );
}
