/**
 * What another process can ask of a running simulator: faults, reorganizations, blocks, the end of
 * connections. Requests are JSON; each is answered with the head and the armed faults.
 */
import {
  closeCodeOf,
  depthOf,
  faultMembers,
  faultOf,
  refused,
  verbOf,
} from '../simulator/command.ts';
import { type Item, isItem, type Json } from '../simulator/json.ts';
import type { Production } from '../simulator/production.ts';
import { type DatasetId, datasetIds } from './chain/datasets.ts';
import { type FaultRequest, faultNames } from './faults.ts';
import type { BlockdbSimulator } from './simulator.ts';

/** The verbs, and what each does. */
export const blockdbVerbs = {
  status: 'tells the head and the armed faults',
  fault: 'arms the fault `name`',
  clear: 'clears the fault `name`, or all',
  block: 'adds a block',
  reorg: 'replaces `depth` blocks',
  restore: 'brings the replaced branch back, one block longer than the present one',
  close: 'ends all connections with the close code `code` (default 1001)',
  kill: 'cuts all connections',
  pause: 'produces no blocks',
  resume: 'produces blocks again',
} as const;

type BlockdbVerb = keyof typeof blockdbVerbs;

/** Carries a request out. Throws `devnet.request_refused`, which says what was expected. */
export function commandSimulator(
  simulator: BlockdbSimulator,
  production: Production,
  request: unknown,
): Json {
  const given: Item = isItem(request) ? request : {};
  const { connections } = simulator.stream;
  const actions: Readonly<Record<BlockdbVerb, () => unknown>> = {
    status: () => undefined,
    fault: () => simulator.faults.arm(parseFault(given)),
    clear: () =>
      simulator.faults.clear(given['name'] === undefined ? undefined : faultOf(given, faultNames)),
    block: () => simulator.produce(),
    reorg: () => simulator.reorganize({ depth: depthOf(given, simulator.depthMax) }),
    restore: () => restore(simulator),
    close: () => closeAll(simulator, given),
    kill: () => connections.map((connection) => connection.kill()),
    pause: () => production.pause(),
    resume: () => production.resume(),
  };
  actions[verbOf(given, blockdbVerbs)]();
  const { height, hash } = simulator.head;
  return {
    head: { height, hash },
    connections: simulator.stream.connections.length,
    faults: simulator.faults.armed.map((fault) => ({ ...fault })),
  };
}

function parseFault(given: Item): FaultRequest {
  const { dataset } = given;
  if (dataset !== undefined && !isDatasetId(dataset)) {
    throw refused(
      `There is no dataset ${JSON.stringify(dataset)}; there are ${datasetIds.join(', ')}.`,
    );
  }
  return { ...faultMembers(given), name: faultOf(given, faultNames) };
}

function isDatasetId(value: unknown): value is DatasetId {
  return datasetIds.some((id) => id === value);
}

function closeAll(simulator: BlockdbSimulator, given: Item): void {
  const code = closeCodeOf(given);
  for (const connection of simulator.stream.connections) connection.close(code, 'simulated');
}

function restore(simulator: BlockdbSimulator): void {
  if (!simulator.canRestore) throw refused('No branch was replaced yet.');
  simulator.restoreBranch();
}
