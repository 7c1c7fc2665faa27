/** `ommer devnet`: the local Kafka, registry and chain, and what can be done to them. */

import { closest } from '../config/closest.ts';
import { type BrokerAction, connectDevnet } from '../devnet/client.ts';
import type { DevnetState } from '../devnet/state-file.ts';
import { type Arguments, type Command, UsageError, verbOf } from './command.ts';
import { devnetSimulator, faultOptions, isSimulator } from './devnet-simulator.ts';
import { type Io, writeJson } from './io.ts';

const verbs = [
  'up',
  'down',
  'status',
  'reorg',
  'kafka',
  'tzkt',
  'basalt',
  'blockdb',
  'oxarchive',
  'traffic',
] as const;
const brokerActions: readonly BrokerAction[] = ['kill', 'restart', 'pause', 'resume'];

export const devnetCommand: Command = {
  name: 'devnet',
  summary: 'A local Kafka, registry and chain, busy and reorganizing.',
  usage:
    'devnet up|down|status | reorg --depth N [--drop] | kafka kill|restart|pause|resume --broker N | tzkt|basalt|blockdb|oxarchive ACTION [FAULT] | traffic --evm URL',
  about:
    'up starts Kafka (one broker or three), a schema registry and an EVM chain as child processes on loopback, keeps the chain busy and reorganizes it by 1 to 6 blocks every 20 to 40 s, and stays until Ctrl-C. It needs Java and, the first time, the network. The other verbs work from another terminal. tzkt acts on the simulated TzKT, which runs in the devnet itself, adds a block every 3 s and replaces the last one or two now and then: status, fault, clear, block, reorg, restore, close, refuse, kill, pause, resume. basalt acts on the simulated Basalt node, which adds a block every 2 s and takes none back by itself: status, fault, clear, block, rollback, reorg, restore, restart, start-again, stall, follow, kill, pause, resume. blockdb acts on the simulated BlockDB, which adds a block every 3 s and replaces the last one to three now and then: status, fault, clear, block, reorg, restore, close, kill, pause, resume. oxarchive acts on the simulated 0xArchive, whose markets move every 100 ms: status, fault, clear, hole, delist, settle, close, kill, pause, resume. traffic keeps any anvil node busy in the same way, without a devnet.',
  positionals: ['VERB', 'ACTION', 'FAULT'],
  options: {
    'data-dir': { doc: 'Where the devnet keeps its data; .devnet by default.', value: 'DIR' },
    brokers: { doc: 'up: 1 (the default) or 3.', value: 'N' },
    keep: { doc: 'up: keep topics, schemas and chain of the last run.' },
    evm: { doc: 'traffic: JSON-RPC address of the anvil node.', value: 'URL' },
    seed: { doc: 'up, traffic: seed of the traffic; 1 by default.', value: 'TEXT' },
    transactions: { doc: 'up, traffic: transactions per block; 8 by default.', value: 'N' },
    'block-time-ms': { doc: 'up, traffic: time between blocks; 1000 by default.', value: 'N' },
    'no-traffic': { doc: 'up: leave the chain alone.' },
    'no-reorgs': { doc: 'up, traffic: reorganize only when told to.' },
    depth: { doc: 'reorg, also of tzkt, basalt and blockdb: blocks to replace.', value: 'N' },
    drop: { doc: 'reorg: lose the transactions instead of mining them again.' },
    broker: { doc: 'kafka: which broker, counted from 1.', value: 'N' },
    ...faultOptions,
    json: { doc: 'One JSON object per line.' },
  },
  examples: [
    'ommer devnet up --brokers 3',
    'ommer devnet reorg --depth 3 --drop',
    'ommer devnet kafka kill --broker 2',
    'ommer devnet tzkt fault drop-data --channel blocks',
    'ommer devnet basalt rollback --depth 5',
    'ommer devnet blockdb fault hold --dataset 0101',
    'ommer devnet oxarchive fault gap --channel trades --symbol ETH',
    'ommer devnet traffic --evm http://127.0.0.1:8545 --seed 7',
    'ommer devnet down',
  ],
  async run(args, io) {
    const verb = verbOf(args, verbs);
    const dataDir = args.text('data-dir');
    // Loaded when asked for: other commands start without the devnet's modules.
    if (verb === 'up') {
      const { devnetUp } = await import('./devnet-up.ts');
      return devnetUp(args, dataDir, io);
    }
    if (verb === 'traffic') {
      const { devnetTraffic } = await import('./devnet-traffic.ts');
      return devnetTraffic(args, io);
    }
    if (isSimulator(verb)) return devnetSimulator(verb, args, { dataDir, io });
    const extra = args.positionals[2];
    if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many.`);
    const depth = verb === 'reorg' ? required(args, 'depth') : 0;
    const broker = verb === 'kafka' ? required(args, 'broker') : 0;
    const action = verb === 'kafka' ? brokerAction(args) : 'kill';
    const client = await connectDevnet(dataDir);
    switch (verb) {
      case 'down':
        await client.down();
        return answer(io, args, { isDown: true }, 'The devnet is down.');
      case 'status':
        return showState(io, args, await client.status());
      case 'reorg': {
        const outcome = await client.reorg({ depth, drop: args.flag('drop') });
        return answer(io, args, outcome, `Reorganized: ${JSON.stringify(outcome)}`);
      }
      case 'kafka':
        return showState(io, args, await client.actOnBroker(broker, action));
    }
  },
};

function required(args: Arguments, name: string): number {
  const value = args.number(name, 1);
  if (value === undefined) throw new UsageError(`--${name} N is missing.`);
  return value;
}

function brokerAction(args: Arguments): BrokerAction {
  const [, given] = args.positionals;
  const action = brokerActions.find((candidate) => candidate === given);
  if (action !== undefined) return action;
  const near = given === undefined ? undefined : closest(given, brokerActions);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new UsageError(`kafka needs one of ${brokerActions.join(', ')}.${hint}`);
}

function answer(io: Io, args: Arguments, value: unknown, text: string): number {
  if (args.flag('json')) writeJson(io.stdout, value);
  else io.stdout.write(`${text}\n`);
  return 0;
}

function showState(io: Io, args: Arguments, state: DevnetState): number {
  const lines = state.processes.map(({ name, pid, port }) => {
    const condition = pid === null ? 'down' : `process ${pid}`;
    return `  ${name.padEnd(12)} ${condition}${port === null ? '' : `, port ${port}`}`;
  });
  const text = [
    `brokers   ${state.brokers.join(', ')}`,
    `registry  ${state.registry ?? 'none'}`,
    `chain     ${state.evm?.http ?? 'none'}`,
    `TzKT      ${state.tzkt?.http ?? 'none'}`,
    `Basalt    ${state.basalt?.http ?? 'none'}`,
    `BlockDB   ${state.blockdb?.http ?? 'none'}`,
    `0xArchive ${state.oxarchive?.http ?? 'none'}`,
    ...lines,
  ];
  return answer(io, args, state, text.join('\n'));
}
