/** `ommer devnet up`: starts the devnet and its traffic, and stays until it is stopped. */
import { type Devnet, startDevnet } from '../devnet/devnet.ts';
import type { TrafficRun } from '../devnet/traffic/traffic.ts';
import { FatalError } from '../model/errors.ts';
import { type Arguments, UsageError } from './command.ts';
import { writeDevnetConfig } from './devnet-config.ts';
import { defaultBlockTimeMs, startTrafficOf } from './devnet-traffic.ts';
import { type Io, writeJson } from './io.ts';

/** Runs until the signal aborts or somebody calls `down`; then nothing is left running. */
export async function devnetUp(
  args: Arguments,
  dataDir: string | undefined,
  io: Io,
): Promise<number> {
  const blockTimeMs = args.number('block-time-ms', 50) ?? defaultBlockTimeMs;
  const brokers = brokersOf(args);
  const devnet = await startDevnet({
    brokers,
    keepData: args.flag('keep'),
    tzkt: { seed: args.text('seed') ?? '1' },
    basalt: { seed: args.text('seed') ?? '1' },
    blockdb: { seed: args.text('seed') ?? '1' },
    oxarchive: { seed: args.text('seed') ?? '1' },
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const stop = (): void => void devnet.stop();
  io.signal.addEventListener('abort', stop, { once: true });
  if (io.signal.aborted) stop();
  try {
    const config = writeDevnetConfig(devnet.dataDir, devnet.state, { blockTimeMs });
    announce(devnet, config, { io, isJson: args.flag('json') });
    if (args.flag('no-traffic')) await devnet.stopped;
    else await runTraffic(devnet, args, io);
    return 0;
  } finally {
    io.signal.removeEventListener('abort', stop);
    await devnet.stop();
  }
}

function brokersOf(args: Arguments): 1 | 3 {
  const brokers = args.number('brokers', 1) ?? 1;
  if (brokers === 1 || brokers === 3) return brokers;
  throw new UsageError(`--brokers is ${brokers}, expected 1 or 3.`);
}

async function runTraffic(devnet: Devnet, args: Arguments, io: Io): Promise<void> {
  const end = new AbortController();
  const signal = AbortSignal.any([io.signal, end.signal]);
  const traffic = await startTrafficOf(args, io, { url: devnet.evm.http, signal });
  devnet.useReorg((request) => reorganize(traffic, request));
  try {
    await Promise.race([devnet.stopped, traffic.finished]);
  } finally {
    end.abort();
    await traffic.finished.catch(() => undefined);
  }
}

export async function reorganize(
  traffic: TrafficRun,
  { depth, drop }: { readonly depth: number; readonly drop: boolean },
): Promise<unknown> {
  const outcome = await traffic.reorg(depth, drop ? 'drop' : 'rewrite');
  if (outcome === undefined) {
    throw new FatalError('devnet.request_refused', {
      stage: 'cli',
      message: `The chain is too short for a reorg of ${depth} blocks. Wait for more blocks.`,
    });
  }
  const { head, commonAncestor, kept, moved, dropped } = outcome;
  return {
    depth: outcome.depth,
    commonAncestor,
    head: { height: head.height, hash: head.hash },
    kept: kept.length,
    moved: moved.length,
    dropped: dropped.length,
  };
}

function announce(
  { state, dataDir }: Devnet,
  config: string,
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
): void {
  if (isJson) {
    writeJson(io.stdout, { ...state, dataDir, config });
    return;
  }
  io.stdout.write(`The devnet is up.
  brokers   ${state.brokers.join(', ')}
  registry  ${state.registry ?? 'none'}
  chain     ${state.evm?.http ?? 'none'}
  TzKT      ${state.tzkt?.http ?? 'none'} (simulated)
  Basalt    ${state.basalt?.http ?? 'none'} (simulated)
  BlockDB   ${state.blockdb?.http ?? 'none'} (simulated)
  0xArchive ${state.oxarchive?.http ?? 'none'} (simulated)
  data      ${dataDir}

In another terminal:
  ommer run --config ${config}
  ommer tail --config ${config}
  ommer devnet reorg --depth 3

Ctrl-C stops everything.
`);
}
