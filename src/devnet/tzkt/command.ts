/**
 * What another process can ask of a running simulator: faults, reorganizations, blocks, the end of
 * connections. Requests are JSON; each is answered with the head and the armed faults.
 */
import { FatalError } from '../../model/errors.ts';
import { type Item, isItem, type Json } from '../simulator/json.ts';
import type { Production } from '../simulator/production.ts';
import { type FaultName, type FaultRequest, faultNames } from './faults.ts';
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

const numbers = ['times', 'status', 'retryAfterSeconds', 'delayMs', 'depth'] as const;
const texts = ['channel', 'path', 'text'] as const;

/** Carries a request out. Throws `devnet.request_refused`, which says what was expected. */
export function commandSimulator(
  simulator: TzktSimulator,
  production: Production,
  request: unknown,
): Json {
  const given: Item = isItem(request) ? request : {};
  const verb = given['verb'];
  if (typeof verb !== 'string' || !(verb in tzktVerbs)) {
    throw refused(`There is no ${JSON.stringify(verb)}; there are ${listed(tzktVerbs)}.`);
  }
  const { connections } = simulator.hub;
  const actions: Readonly<Record<TzktVerb, () => unknown>> = {
    status: () => undefined,
    fault: () => simulator.faults.arm(parseFault(given)),
    clear: () => simulator.faults.clear(given['name'] === undefined ? undefined : nameOf(given)),
    block: () => simulator.produce(),
    reorg: () => simulator.reorganize({ depth: depthOf(given, simulator.depthMax) }),
    restore: () => restore(simulator),
    close: () => connections.map((connection) => connection.close({ allowReconnect: true })),
    refuse: () => connections.map((connection) => connection.close({ error: 'Simulated.' })),
    kill: () => connections.map((connection) => connection.kill()),
    pause: () => production.pause(),
    resume: () => production.resume(),
  };
  actions[verb as TzktVerb]();
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
  const request: Record<string, Json> = {};
  for (const member of numbers) {
    const value = given[member];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw refused(`${member} is ${JSON.stringify(value)}, expected a natural number.`);
    }
    request[member] = value;
  }
  for (const member of texts) {
    const value = given[member];
    if (value === undefined) continue;
    if (typeof value !== 'string') {
      throw refused(`${member} is ${JSON.stringify(value)}, expected text.`);
    }
    request[member] = value;
  }
  return { ...request, name: nameOf(given) };
}

function nameOf({ name }: Item): FaultName {
  if (typeof name === 'string' && name in faultNames) return name as FaultName;
  throw refused(`There is no fault ${JSON.stringify(name)}; there are ${listed(faultNames)}.`);
}

function depthOf({ depth = 1 }: Item, depthMax: number): number {
  if (Number.isInteger(depth) && Number(depth) >= 1 && Number(depth) <= depthMax) {
    return Number(depth);
  }
  throw refused(`A depth of 1 to ${depthMax} is possible now, not ${JSON.stringify(depth)}.`);
}

function restore(simulator: TzktSimulator): void {
  if (!simulator.canRestore) throw refused('No branch was replaced yet.');
  simulator.restoreBranch();
}

function listed(names: Readonly<Record<string, string>>): string {
  return Object.keys(names).join(', ');
}

function refused(message: string): FatalError {
  return new FatalError('devnet.request_refused', { stage: 'devnet', message });
}
