/**
 * What another process can ask of a running simulator: faults, reorganizations, blocks, the end of
 * connections. Requests are JSON; each is answered with the head and the armed faults.
 */
import { depthOf, faultMembers, faultOf, refused, verbOf } from '../simulator/command.ts';
import { type Item, isItem, type Json } from '../simulator/json.ts';
import type { Production } from '../simulator/production.ts';
import { type FaultRequest, faultNames } from './faults.ts';
import { channelNames } from './hub/channels.ts';
import type { TzktSimulator } from './simulator.ts';

/** The verbs, and what each does. */
export const tzktVerbs = {
  status: 'tells the head and the armed faults',
  fault: 'arms the fault `name`',
  clear: 'clears the fault `name`, or all',
  block: 'adds a block',
  reorg: 'replaces `depth` blocks',
  restore: 'brings the replaced branch back',
  close: 'ends all connections with a close frame that allows to reconnect',
  refuse: 'ends all connections with a close frame that does not',
  kill: 'cuts all connections',
  pause: 'produces no blocks',
  resume: 'produces blocks again',
} as const;

/** What can be asked for. */
export type TzktVerb = keyof typeof tzktVerbs;

/** Carries a request out. Throws `devnet.request_refused`, which says what was expected. */
export function commandSimulator(
  simulator: TzktSimulator,
  production: Production,
  request: unknown,
): Json {
  const given: Item = isItem(request) ? request : {};
  const verb = verbOf(given, tzktVerbs);
  const { connections } = simulator.hub;
  const actions: Readonly<Record<TzktVerb, () => unknown>> = {
    status: () => undefined,
    fault: () => simulator.faults.arm(parseFault(given)),
    clear: () =>
      simulator.faults.clear(given['name'] === undefined ? undefined : faultOf(given, faultNames)),
    block: () => simulator.produce(),
    reorg: () => simulator.reorganize({ depth: depthOf(given, simulator.depthMax) }),
    restore: () => restore(simulator),
    close: () => connections.map((connection) => connection.close({ allowReconnect: true })),
    refuse: () => connections.map((connection) => connection.close({ error: 'Simulated.' })),
    kill: () => connections.map((connection) => connection.kill()),
    pause: () => production.pause(),
    resume: () => production.resume(),
  };
  actions[verb]();
  const { level, hash } = simulator.head;
  return {
    head: { level, hash },
    connections: simulator.hub.connections.length,
    faults: simulator.faults.armed.map((fault) => ({ ...fault })),
  };
}

function parseFault(given: Item): FaultRequest {
  const { channel } = given;
  if (channel !== undefined && !channelNames.includes(String(channel))) {
    throw refused(
      `There is no channel ${JSON.stringify(channel)}; there are ${channelNames.join(', ')}.`,
    );
  }
  return { ...faultMembers(given), name: faultOf(given, faultNames) };
}

function restore(simulator: TzktSimulator): void {
  if (!simulator.canRestore) throw refused('No branch was replaced yet.');
  simulator.restoreBranch();
}
