/**
 * What another process can ask of a running node and its chain: faults, blocks, rollbacks, restarts.
 * Requests are JSON; each is answered with the heads and the armed faults.
 */
import { depthOf, faultMembers, faultOf, refused, verbOf } from '../simulator/command.ts';
import { type Item, isItem, type Json } from '../simulator/json.ts';
import type { Production } from '../simulator/production.ts';
import { faultNames } from './faults.ts';
import type { BasaltSimulator } from './simulator.ts';

/** The verbs, and what each does. */
export const basaltVerbs = {
  status: 'tells the head of the chain, the tip of the node and the armed faults',
  fault: 'arms the fault `name`',
  clear: 'clears the fault `name`, or all',
  block: 'adds a block',
  rollback: 'takes the last `depth` blocks away, silently',
  reorg: 'replaces `depth` blocks; the last block of each batch is announced',
  restore: 'brings the replaced branch back',
  restart: 'restarts the node: of its past only genesis and the tip are in memory',
  'start-again': 'begins the chain again at height 0, with the same genesis',
  stall: 'the node applies no blocks',
  follow: 'the node applies blocks again, and those that it missed in batches',
  kill: 'cuts all sockets, without a close frame',
  pause: 'produces no blocks',
  resume: 'produces blocks again',
} as const;

/** What can be asked for. */
type BasaltVerb = keyof typeof basaltVerbs;

/** Carries a request out. Throws `devnet.request_refused`, which says what was expected. */
export function commandSimulator(
  simulator: BasaltSimulator,
  production: Production,
  request: unknown,
): Json {
  const given: Item = isItem(request) ? request : {};
  const { node } = simulator;
  const { faults } = node;
  const depth = (): number => depthOf(given, simulator.depthMax);
  const actions: Readonly<Record<BasaltVerb, () => unknown>> = {
    status: () => undefined,
    fault: () => faults.arm({ ...faultMembers(given), name: faultOf(given, faultNames) }),
    clear: () => faults.clear(given['name'] === undefined ? undefined : faultOf(given, faultNames)),
    block: () => simulator.produce(),
    rollback: () => simulator.rollback(depth()),
    reorg: () => simulator.reorganize({ depth: depth() }),
    restore: () => restore(simulator),
    restart: () => simulator.restart(),
    'start-again': () => simulator.startAgain(),
    stall: () => {
      node.lagBlocks = Number.POSITIVE_INFINITY;
    },
    follow: () => {
      node.lagBlocks = 0;
      simulator.follow();
    },
    kill: () => node.stream.dropAll(),
    pause: () => production.pause(),
    resume: () => production.resume(),
  };
  actions[verbOf(given, basaltVerbs)]();
  return {
    head: { number: simulator.head.number, hash: simulator.head.hash },
    tip: { number: node.tip.number, hash: node.tip.hash },
    connections: node.stream.connections,
    faults: faults.armed.map((fault) => ({ ...fault })),
  };
}

function restore(simulator: BasaltSimulator): void {
  if (!simulator.canRestore) throw refused('No branch was replaced yet.');
  simulator.restoreBranch();
}
