/** The traffic of a development chain: of a devnet's own one, or of any anvil node. */
import { startTraffic, type TrafficEvent, type TrafficRun } from '../devnet/traffic/traffic.ts';
import { type Arguments, UsageError } from './command.ts';
import { createPaint, hasColors, type Io, writeJson } from './io.ts';

/** Time between blocks where nothing else is said. */
export const defaultBlockTimeMs = 1000;

/** Starts traffic on the node as the arguments say, and prints each block and reorg. */
export function startTrafficOf(
  args: Arguments,
  io: Io,
  place: { readonly url: string; readonly signal: AbortSignal },
): Promise<TrafficRun> {
  return startTraffic({
    ...place,
    seed: args.text('seed') ?? '1',
    transactionsPerBlock: args.number('transactions', 0) ?? 8,
    blockTimeMs: args.number('block-time-ms', 50) ?? defaultBlockTimeMs,
    reorgEveryMs: args.flag('no-reorgs') ? null : [20_000, 40_000],
    reorgDepth: [1, 6],
    onEvent: eventPrinter(io, args.flag('json')),
  });
}

/** `ommer devnet traffic`: keeps the node that the arguments name busy until the signal aborts. */
export async function devnetTraffic(args: Arguments, io: Io): Promise<number> {
  const url = args.text('evm');
  if (url === undefined) throw new UsageError('--evm URL is missing: which chain to keep busy.');
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      `--evm is "${url}", expected an address starting with http:// or https://.`,
    );
  }
  const traffic = await startTrafficOf(args, io, { url, signal: io.signal });
  await traffic.finished;
  return 0;
}

function eventPrinter(io: Io, isJson: boolean): (event: TrafficEvent) => void {
  const paint = createPaint(hasColors(io.stdout, io.environment));
  return (event) => {
    if (isJson) {
      writeJson(io.stdout, event);
      return;
    }
    const { height, hash, transactions } = event;
    const head = `${height} ${hash.slice(0, 12)}… ${transactions} transactions`;
    if (event.kind === 'block') io.stdout.write(`${paint.dim(`block ${head}`)}\n`);
    else {
      const { depth, kept, moved, dropped } = event;
      const what = `reorg of ${depth}: ${kept} kept, ${moved} moved, ${dropped} dropped; head is ${head}`;
      io.stdout.write(`${paint.yellow(what)}\n`);
    }
  };
}
