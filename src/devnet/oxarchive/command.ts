/**
 * What another process can ask of a running simulator: faults, holes of the archive, the end of markets
 * and of connections. Requests are JSON; each is answered with the time, the connections and the faults.
 */
import {
  closeCodeOf,
  faultMembers,
  faultOf,
  refused,
  textOf,
  verbOf,
} from '../simulator/command.ts';
import { type Item, isItem, type Json } from '../simulator/json.ts';
import type { Production } from '../simulator/production.ts';
import { type Channel, channels } from './channels.ts';
import { type FaultRequest, faultNames } from './faults.ts';
import type { OxarchiveSimulator } from './simulator.ts';

/** The verbs, and what each does. */
export const oxarchiveVerbs = {
  status: 'tells the time, the connections and the armed faults',
  fault: 'arms the fault `name`',
  clear: 'clears the fault `name`, or all',
  hole: 'the archive loses the last `delayMs` (default 180000) of `channel` and `symbol`',
  delist: 'the market `symbol` of the venue of `channel` ends',
  settle: 'the outcome `symbol` (`#520`) of HIP-4 is decided',
  close: 'ends all connections with the close code `code` (default 1001)',
  kill: 'cuts all connections',
  pause: 'time stands still',
  resume: 'time goes on',
} as const;

type OxarchiveVerb = keyof typeof oxarchiveVerbs;

const holeDefaultMs = 180_000;

/** Carries a request out. Throws `devnet.request_refused`, which says what was expected. */
export function commandSimulator(
  simulator: OxarchiveSimulator,
  production: Production,
  request: unknown,
): Json {
  const given: Item = isItem(request) ? request : {};
  const { connections, faults } = simulator;
  const actions: Readonly<Record<OxarchiveVerb, () => unknown>> = {
    status: () => undefined,
    fault: () => faults.arm(faultFrom(given)),
    clear: () => faults.clear(given['name'] === undefined ? undefined : faultOf(given, faultNames)),
    hole: () => addHole(simulator, given),
    delist: () => simulator.delist(channelFrom(given).venue, symbolFrom(simulator, given)),
    settle: () => simulator.settle(symbolFrom(simulator, { ...given, channel: 'hip4_trades' })),
    close: () => {
      const code = closeCodeOf(given);
      for (const { outlet } of connections) outlet.close(code, 'simulated');
    },
    kill: () => connections.map(({ outlet }) => outlet.kill()),
    pause: () => production.pause(),
    resume: () => production.resume(),
  };
  actions[verbOf(given, oxarchiveVerbs)]();
  return {
    nowMs: simulator.nowMs,
    connections: simulator.connections.map(({ subscriptions }) => subscriptions),
    faults: faults.armed.map((fault) => ({ ...fault })),
  };
}

function faultFrom(given: Item): FaultRequest {
  if (given['channel'] !== undefined) channelFrom(given);
  return { ...faultMembers(given), name: faultOf(given, faultNames) };
}

function addHole(simulator: OxarchiveSimulator, given: Item): void {
  const { kind, venue } = channelFrom(given);
  const symbol = symbolFrom(simulator, given);
  const { delayMs = holeDefaultMs } = faultMembers(given);
  const { nowMs: toMs } = simulator;
  simulator.addHole({ venue, kind, symbol, fromMs: toMs - Number(delayMs), toMs });
}

function channelFrom(given: Item): Channel {
  const name = textOf(given, 'channel');
  const channel = channels.get(name);
  if (channel !== undefined) return channel;
  throw refused(
    `There is no channel ${JSON.stringify(name)}; there are ${[...channels.keys()].join(', ')}.`,
  );
}

function symbolFrom({ markets }: OxarchiveSimulator, given: Item): string {
  const { venue } = channelFrom(given);
  const here = markets.filter((market) => market.venue === venue).map(({ symbol }) => symbol);
  const symbol = textOf(given, 'symbol');
  if (here.includes(symbol)) return symbol;
  throw refused(`There is no ${JSON.stringify(symbol)} of ${venue}; there are ${here.join(', ')}.`);
}
