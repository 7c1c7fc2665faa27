/**
 * The devnet's chain traffic, one step at a time and without timers: it owns a node's mining, deploys
 * the devnet's contracts, fills blocks with a seeded mix, and reorganizes the chain.
 */
import { FatalError } from '../../model/errors.ts';
import { type Branch, isRestorable, restoreBranch } from './branch.ts';
import type { MinedBlock } from './chain-reader.ts';
import { type Deployment, deploymentRequests, readDeployment } from './deployment.ts';
import { mineBlock, readAccounts, stopMining } from './mine-block.ts';
import { NodeRpc } from './node-rpc.ts';
import { describeReorg, type ReorgOutcome, readBranch, replaceBlocks, rollBack } from './reorg.ts';
import { SeededRandom } from './seeded-random.ts';
import { readTrafficState, type TrafficState } from './traffic-state.ts';
import { drawNewcomers, drawTransactions, type MixState } from './transaction-mix.ts';
import type { TransactionRequest } from './transaction-request.ts';

/** How the traffic fills blocks. */
export interface ChainTrafficOptions {
  /** JSON-RPC over HTTP of an anvil node with at least four unlocked accounts. */
  readonly url: string;
  readonly seed: string | number;
  /** Most transactions the mix puts into one block; a block has half as many or more, or none. */
  readonly transactionsPerBlock: number;
  /** Seconds from block to block; null for the time of the machine. */
  readonly timestampStepSeconds: number | null;
  readonly signal?: AbortSignal;
}

/** How a reorg replaces blocks: rewritten, emptied, or taken off and fewer mined. */
export type ReorgStyle = 'rewrite' | 'drop' | 'shorten';

/**
 * Steps run one after another in the order of the calls. The same seed on an equally started node
 * gives the same transactions, and the same block hashes if `timestampStepSeconds` is given. A step
 * that throws may be called again: the next one reads the chain anew.
 */
export class ChainTraffic {
  readonly #rpc: NodeRpc;
  readonly #options: ChainTrafficOptions;
  readonly #random: SeededRandom;
  readonly #accounts: readonly string[];
  #deployment: Deployment | null = null;
  #deploymentHeight = 0;
  /** The last rewritten branch, the only one that `reorgBack` knows. */
  #replaced: Branch | null = null;
  /** Signed transactions that a reorg left out; some return in the next block. */
  #orphaned: readonly string[] = [];
  #previousStep: Promise<unknown> = Promise.resolve();

  private constructor(options: ChainTrafficOptions, rpc: NodeRpc, accounts: readonly string[]) {
    this.#rpc = rpc;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#accounts = accounts;
  }

  /** Switches the node's own mining off. The first block will hold the deployments. */
  static async open(options: ChainTrafficOptions): Promise<ChainTraffic> {
    const rpc = new NodeRpc(options.url, options.signal);
    const accounts = await readAccounts(rpc);
    if (accounts.length < 4) {
      throw new FatalError('devnet.start_failed', {
        stage: 'devnet',
        message: `The traffic needs 4 unlocked accounts, the node has ${accounts.length}.`,
      });
    }
    await stopMining(rpc);
    return new ChainTraffic(options, rpc, accounts);
  }

  /** Mines one block: the deployments when they are missing, else a mix, now and then nothing. */
  nextBlock(): Promise<MinedBlock> {
    return this.#inTurn(() => this.#mineNext());
  }

  /**
   * Replaces up to `depth` blocks, never the deployments' own; undefined when there is nothing above
   * them. `shorten` leaves the chain lower than it was.
   */
  reorg(depth: number, style: ReorgStyle = 'rewrite'): Promise<ReorgOutcome | undefined> {
    return this.#inTurn(() => this.#replace(depth, style));
  }

  /**
   * Brings back the branch that the last `rewrite` replaced, with the very same block hashes, in
   * place of all that came since. Undefined when it cannot: there was none, its transactions were
   * in an order that the pool does not give, or its parent is gone.
   */
  reorgBack(): Promise<ReorgOutcome | undefined> {
    return this.#inTurn(() => this.#restore());
  }

  /** Forgets what was sent but not mined, for going on after a failed step. */
  async clearPool(): Promise<void> {
    await this.#inTurn(() => this.#rpc.call('anvil_dropAllTransactions'));
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#previousStep.then(step, step);
    this.#previousStep = result;
    return result;
  }

  async #mineNext(): Promise<MinedBlock> {
    await this.#returnOrphaned();
    const state = await this.#readState();
    if (!state.isDeployed || this.#deployment === null) return this.#deploy(state);
    const { transactionsPerBlock: most } = this.#options;
    const isEmpty = this.#random.chance(0.08);
    const count = isEmpty ? 0 : this.#random.integer(Math.ceil(most / 2), most);
    const requests = drawTransactions(count, this.#mixState(state.tokens, this.#deployment));
    return (await this.#mine(state, requests)).block;
  }

  async #deploy(state: TrafficState): Promise<MinedBlock> {
    const requests = deploymentRequests(this.#accounts[0] ?? '', this.#accounts);
    const { block, transactionHashes } = await this.#mine(state, requests);
    this.#deployment = await readDeployment(this.#rpc, transactionHashes);
    this.#deploymentHeight = block.height;
    return block;
  }

  async #replace(depth: number, style: ReorgStyle): Promise<ReorgOutcome | undefined> {
    const { head } = await this.#readState();
    const depthNow = Math.min(depth, head.height - this.#deploymentHeight);
    if (depthNow < 1 || this.#deployment === null) return undefined;
    if (style === 'shorten') return this.#shorten(depthNow);
    const newcomer = this.#accounts.at(-1) ?? '';
    const count = style === 'drop' ? 0 : this.#random.integer(1, 3);
    const outcome = await replaceBlocks(this.#rpc, {
      depth: depthNow,
      drop: style === 'drop',
      random: this.#random,
      newcomers: drawNewcomers(count, newcomer, this.#mixState([], this.#deployment)),
      timestampStepSeconds: this.#options.timestampStepSeconds ?? 1,
    });
    this.#remember(outcome, style === 'rewrite' ? outcome.replaced : null);
    return outcome;
  }

  async #shorten(depth: number): Promise<ReorgOutcome> {
    const { replaced } = await rollBack(this.#rpc, depth);
    const blocks = this.#random.integer(0, depth - 1);
    for (let mined = 0; mined < blocks; mined += 1) await this.#mineNext();
    const outcome = await describeReorg(this.#rpc, replaced);
    this.#remember(outcome, null);
    return outcome;
  }

  async #restore(): Promise<ReorgOutcome | undefined> {
    const branch = this.#replaced;
    const first = branch?.blocks[0];
    if (branch === null || first === undefined || !isRestorable(branch)) return undefined;
    const { head } = await this.#readState();
    const depth = head.height - first.height + 1;
    if (depth < 1) return undefined;
    const replaced = await readBranch(this.#rpc, depth);
    if (replaced.blocks[0]?.parentHash !== first.parentHash) return undefined;
    await restoreBranch(this.#rpc, branch);
    const outcome = await describeReorg(this.#rpc, replaced);
    this.#remember(outcome, null);
    return outcome;
  }

  /** Bounded: one branch, and the transactions of one reorg. */
  #remember(outcome: ReorgOutcome, branch: Branch | null): void {
    this.#replaced = branch;
    const raw = outcome.replaced.rawTransactions;
    const returning = this.#random.chance(0.5) ? outcome.dropped : [];
    this.#orphaned = returning.slice(0, orphanedMax).flatMap((hash) => raw.get(hash) ?? []);
  }

  /** One by one, because equal prices are mined in the order of arrival; the node may refuse any. */
  async #returnOrphaned(): Promise<void> {
    const orphaned = this.#orphaned;
    this.#orphaned = [];
    for (const raw of orphaned) {
      await this.#rpc.batchOutcomes([{ method: 'eth_sendRawTransaction', params: [raw] }]);
    }
  }

  #readState(): Promise<TrafficState> {
    const ids = this.#random.shuffle(tokenIds).slice(0, tokensPerBlock);
    return readTrafficState(this.#rpc, {
      accounts: this.#accounts,
      deployment: this.#deployment,
      tokenIds: ids,
    });
  }

  #mixState(tokens: MixState['tokens'], deployment: Deployment): MixState {
    return { random: this.#random, senders: this.#accounts.slice(1, -1), deployment, tokens };
  }

  #mine(state: TrafficState, requests: readonly TransactionRequest[]) {
    const { timestampStepSeconds } = this.#options;
    const { head: parent, nonces } = state;
    return mineBlock(this.#rpc, { parent, requests, nonces, timestampStepSeconds });
  }
}

const tokensPerBlock = 8;
const orphanedMax = 50;
const tokenIds = Array.from({ length: 24 }, (_, index) => BigInt(index + 1));
