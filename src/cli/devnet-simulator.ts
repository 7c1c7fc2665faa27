/** `ommer devnet tzkt`, `basalt`, `blockdb`, `oxarchive`: what can be done to a simulator from another terminal. */
import { closest } from '../config/closest.ts';
import { connectDevnet } from '../devnet/client.ts';
import { type Arguments, type OptionSpec, UsageError } from './command.ts';
import { type Io, writeJson } from './io.ts';

/** The simulators of the devnet: what each can be asked, and its faults. Loaded when asked for. */
const simulators = {
  async tzkt() {
    const [{ tzktVerbs: verbs }, { faultNames: faults }] = await Promise.all([
      import('../devnet/tzkt/command.ts'),
      import('../devnet/tzkt/faults.ts'),
    ]);
    return { verbs, faults };
  },
  async basalt() {
    const [{ basaltVerbs: verbs }, { faultNames: faults }] = await Promise.all([
      import('../devnet/basalt/command.ts'),
      import('../devnet/basalt/faults.ts'),
    ]);
    return { verbs, faults };
  },
  async blockdb() {
    const [{ blockdbVerbs: verbs }, { faultNames: faults }] = await Promise.all([
      import('../devnet/blockdb/command.ts'),
      import('../devnet/blockdb/faults.ts'),
    ]);
    return { verbs, faults };
  },
  async oxarchive() {
    const [{ oxarchiveVerbs: verbs }, { faultNames: faults }] = await Promise.all([
      import('../devnet/oxarchive/command.ts'),
      import('../devnet/oxarchive/faults.ts'),
    ]);
    return { verbs, faults };
  },
} as const;

/** The verbs of `ommer devnet` that act on a simulator. */
export type SimulatorName = keyof typeof simulators;

/** True for a verb that acts on a simulator. */
export function isSimulator(verb: string): verb is SimulatorName {
  return Object.hasOwn(simulators, verb);
}

/** Options that only the `fault` of a simulator takes. */
export const faultOptions: Readonly<Record<string, OptionSpec>> = {
  channel: { doc: 'tzkt, oxarchive: only this channel.', value: 'NAME' },
  symbol: { doc: 'oxarchive: only this symbol.', value: 'NAME' },
  dataset: { doc: 'blockdb fault: only this dataset, by its id.', value: 'ID' },
  path: { doc: 'fault: only REST paths that begin so.', value: 'PATH' },
  times: { doc: 'fault: how often it strikes; 0 until it is cleared.', value: 'N' },
  status: { doc: 'fault: the HTTP status to answer.', value: 'N' },
  'retry-after': { doc: 'tzkt, blockdb, oxarchive fault: seconds of Retry-After.', value: 'N' },
  'delay-ms': { doc: 'fault: how long an answer waits.', value: 'N' },
  code: { doc: 'blockdb, oxarchive: fault, close: the close code.', value: 'N' },
  text: { doc: 'fault: the text to send.', value: 'TEXT' },
};

/** Carries out `SIMULATOR ACTION [FAULT]`. Throws `UsageError` before anything is sent. */
export async function devnetSimulator(
  simulator: SimulatorName,
  args: Arguments,
  { dataDir, io }: { readonly dataDir: string | undefined; readonly io: Io },
): Promise<number> {
  const [, verb = '', name] = args.positionals;
  const { verbs, faults } = await simulators[simulator]();
  expectKnown(simulator, verb, Object.keys(verbs));
  if (verb === 'fault' || name !== undefined) {
    expectKnown(`${simulator} ${verb}`, name ?? '', Object.keys(faults));
  }
  const client = await connectDevnet(dataDir);
  const answer = await client.commandSimulator(simulator, {
    verb,
    name,
    channel: args.text('channel'),
    symbol: args.text('symbol'),
    dataset: args.text('dataset'),
    path: args.text('path'),
    text: args.text('text'),
    times: args.number('times', 0),
    status: args.number('status', 100),
    retryAfterSeconds: args.number('retry-after', 0),
    delayMs: args.number('delay-ms', 0),
    depth: args.number('depth', 1),
    code: args.number('code', 1000),
  });
  if (args.flag('json')) writeJson(io.stdout, answer);
  else io.stdout.write(`${JSON.stringify(answer)}\n`);
  return 0;
}

function expectKnown(what: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  const near = closest(given, known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new UsageError(`${what} needs one of ${known.join(', ')}.${hint}`);
}
