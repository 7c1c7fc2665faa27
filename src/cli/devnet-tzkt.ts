/** `ommer devnet tzkt`: what can be done to the devnet's TzKT simulator from another terminal. */
import { closest } from '../config/closest.ts';
import { connectDevnet } from '../devnet/client.ts';
import { tzktVerbs } from '../devnet/tzkt/command.ts';
import { faultNames } from '../devnet/tzkt/faults.ts';
import { type Arguments, type OptionSpec, UsageError } from './command.ts';
import { type Io, writeJson } from './io.ts';

/** Options that only `tzkt fault` takes. */
export const faultOptions: Readonly<Record<string, OptionSpec>> = {
  channel: { doc: 'tzkt fault: only this channel.', value: 'NAME' },
  path: { doc: 'tzkt fault: only REST paths that begin so.', value: 'PATH' },
  times: { doc: 'tzkt fault: how often it strikes; 0 until it is cleared.', value: 'N' },
  status: { doc: 'tzkt fault: the HTTP status to answer.', value: 'N' },
  'retry-after': { doc: 'tzkt fault: seconds of Retry-After.', value: 'N' },
  'delay-ms': { doc: 'tzkt fault: how long an answer waits.', value: 'N' },
  text: { doc: 'tzkt fault: the text to send.', value: 'TEXT' },
};

/** Carries out `tzkt ACTION [NAME]`. Throws `UsageError` before anything is sent. */
export async function devnetTzkt(
  args: Arguments,
  dataDir: string | undefined,
  io: Io,
): Promise<number> {
  const [, verb = '', name] = args.positionals;
  expectKnown('tzkt', verb, Object.keys(tzktVerbs));
  if (verb === 'fault' || name !== undefined) {
    expectKnown(`tzkt ${verb}`, name ?? '', Object.keys(faultNames));
  }
  const client = await connectDevnet(dataDir);
  const answer = await client.commandTzkt({
    verb,
    name,
    channel: args.text('channel'),
    path: args.text('path'),
    text: args.text('text'),
    times: args.number('times', 0),
    status: args.number('status', 100),
    retryAfterSeconds: args.number('retry-after', 0),
    delayMs: args.number('delay-ms', 0),
    depth: args.number('depth', 1),
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
