/**
 * The face of the devnet's chain traffic: runs it by the clock and reports what it does. The steps
 * themselves are `ChainTraffic`.
 */
import { setTimeout as wait } from 'node:timers/promises';

import { PipelineError } from '../../model/errors.ts';
import { ChainTraffic, type ReorgStyle } from './chain-traffic.ts';
import type { ReorgOutcome } from './reorg.ts';
import { SeededRandom } from './seeded-random.ts';
import { TrafficSchedule, type TrafficStep } from './traffic-schedule.ts';

/** What the traffic did to the chain, for a live view. */
export type TrafficEvent =
  | {
      readonly kind: 'block';
      readonly height: number;
      readonly hash: string;
      readonly transactions: number;
    }
  | {
      readonly kind: 'reorg';
      /** The head after it, and the transactions on the new branch. */
      readonly height: number;
      readonly hash: string;
      readonly transactions: number;
      /** Blocks that were replaced. */
      readonly depth: number;
      readonly kept: number;
      readonly dropped: number;
      readonly moved: number;
    };

/** How busy the chain is. */
export interface TrafficOptions {
  /** JSON-RPC over HTTP of an anvil node with at least four unlocked accounts. */
  readonly url: string;
  readonly seed: string | number;
  readonly transactionsPerBlock: number;
  readonly blockTimeMs: number;
  /** Least and greatest time between two reorgs, counted in blocks; null for none. */
  readonly reorgEveryMs: readonly [number, number] | null;
  readonly reorgDepth: readonly [number, number];
  /** Ends the traffic after the step it is in. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: TrafficEvent) => void;
  /** Failed steps in a row after which the traffic gives up; 10 by default. */
  readonly failuresMax?: number;
}

/** A running traffic. */
export interface TrafficRun {
  /** Fulfils after an abort; rejects with the last error after `failuresMax` failures in a row. */
  readonly finished: Promise<void>;
  /** Reorganizes between two steps; undefined when there is no block to replace. */
  reorg(depth: number, style?: ReorgStyle): Promise<ReorgOutcome | undefined>;
}

/**
 * Takes over the mining of a node and keeps its chain busy until the signal aborts. One step at a
 * time; a step that fails is tried again with growing pauses, and a lost deployment is made again.
 */
export async function startTraffic(options: TrafficOptions): Promise<TrafficRun> {
  const traffic = await ChainTraffic.open({ ...options, timestampStepSeconds: null });
  const finished = runSteps(traffic, options);
  return {
    finished,
    async reorg(depth, style) {
      const outcome = await traffic.reorg(depth, style);
      if (outcome !== undefined) options.onEvent?.(reorgEvent(outcome));
      return outcome;
    },
  };
}

async function runSteps(traffic: ChainTraffic, options: TrafficOptions): Promise<void> {
  const { signal, blockTimeMs, onEvent } = options;
  const failuresMax = options.failuresMax ?? 10;
  const schedule = new TrafficSchedule(new SeededRandom(options.seed).fork('schedule'), options);
  let failures = 0;
  while (!signal.aborted) {
    const startedAtMs = performance.now();
    try {
      const event = await takeStep(traffic, schedule.next());
      if (event !== undefined) onEvent?.(event);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (!(error instanceof PipelineError) || failures >= failuresMax) throw error;
      await traffic.clearPool().catch(ignorePipelineError);
    }
    const pauseMs = blockTimeMs * Math.min(8, 2 ** failures) - (performance.now() - startedAtMs);
    await pause(pauseMs, signal);
  }
}

async function takeStep(
  traffic: ChainTraffic,
  step: TrafficStep,
): Promise<TrafficEvent | undefined> {
  if (step.kind === 'block') {
    const { height, hash, transactions } = await traffic.nextBlock();
    return { kind: 'block', height, hash, transactions: transactions.length };
  }
  const outcome = await (step.kind === 'back'
    ? traffic.reorgBack()
    : traffic.reorg(step.depth, step.kind));
  return outcome === undefined ? undefined : reorgEvent(outcome);
}

function reorgEvent(outcome: ReorgOutcome): TrafficEvent {
  const { head, depth, kept, dropped, moved, inserted } = outcome;
  return {
    kind: 'reorg',
    height: head.height,
    hash: head.hash,
    transactions: kept.length + moved.length + inserted.length,
    depth,
    kept: kept.length,
    dropped: dropped.length,
    moved: moved.length,
  };
}

/** The node is still away: the next step fails too and is counted. */
function ignorePipelineError(error: unknown): void {
  if (!(error instanceof PipelineError)) throw error;
}

async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  try {
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
