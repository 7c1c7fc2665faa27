/** What `ommer start` does: a devnet, the pipelines on it and a live view, until the signal. */
import { setMaxListeners } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { type Devnet, startDevnet } from '../devnet/devnet.ts';
import { startTraffic, type TrafficRun } from '../devnet/traffic/traffic.ts';
import { FatalError } from '../model/errors.ts';
import { systemClock } from '../model/system-clock.ts';
import { openHttpServer } from '../observability/http-server.ts';
import { createLogger } from '../observability/logger.ts';
import { createMetrics } from '../observability/metrics.ts';
import { createStatusBoard } from '../observability/status.ts';
import type { Arguments } from './command.ts';
import { runPipelines } from './compose/run-pipelines.ts';
import { definitions } from './configuration.ts';
import { simulatedSources, writeDevnetConfig } from './devnet-config.ts';
import { reorganize } from './devnet-up.ts';
import { version } from './help.ts';
import { createPaint, hasColors, type Io } from './io.ts';
import { LiveView } from './live/live-view.ts';
import { watch } from './live/watch.ts';

const blockTimeMs = 1000;
/** A newcomer should not have to wait for the first reorg. */
const firstReorgAfterMs = 12_000;

/** The exit code. Leaves nothing running. */
export async function firstLook(args: Arguments, io: Io): Promise<number> {
  io.stderr.write('ommer: starting Kafka, the schema registry and a chain …\n');
  const dataDir = args.text('data-dir');
  const devnet = await startDevnet({
    brokers: 1,
    tzkt: { seed: args.text('seed') ?? '1' },
    basalt: { seed: args.text('seed') ?? '1' },
    blockdb: { seed: args.text('seed') ?? '1' },
    oxarchive: { seed: args.text('seed') ?? '1' },
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const stop = (): void => void devnet.stop();
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    return await runOn(devnet, args.text('seed') ?? '1', io);
  } finally {
    io.signal.removeEventListener('abort', stop);
    await devnet.stop();
  }
}

async function runOn(devnet: Devnet, seed: string, io: Io): Promise<number> {
  const file = writeDevnetConfig(devnet.dataDir, devnet.state, { blockTimeMs, hasSimulated: true });
  const config = loadConfig({ file, environment: io.environment, definitions });
  const source = config.sources.find(({ name }) => !simulatedSources.has(name));
  if (source === undefined) throw new RangeError('the devnet lacks a source');
  const log = openLog(join(devnet.dataDir, 'logs', 'ommer.log'));
  const logger = createLogger({ ...config.log, output: log, hasColors: false });
  const metrics = createMetrics();
  const board = createStatusBoard(() => systemClock.nowMs());
  const server = await openHttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    board,
    version: version(),
  });
  const end = new AbortController();
  const signal = AbortSignal.any([io.signal, end.signal]);
  // Every source, its view and the traffic listen to it.
  setMaxListeners(0, signal);
  const traffic = await startTraffic({
    url: devnet.evm.http,
    seed,
    transactionsPerBlock: 8,
    blockTimeMs,
    reorgEveryMs: [20_000, 40_000],
    reorgDepth: [1, 6],
    signal,
  });
  devnet.useReorg((request) => reorganize(traffic, request));
  const paint = createPaint(hasColors(io.stdout, io.environment));
  const view = new LiveView(io.stdout, paint);
  const shown = (path: string): string => relative(process.cwd(), path) || path;
  view.header([
    `Kafka ${devnet.state.brokers.join(', ')} · registry ${devnet.state.registry} · chain ${devnet.evm.http} · TzKT ${devnet.tzkt.http} · Basalt ${devnet.basalt.http} · BlockDB ${devnet.blockdb.http} · 0xArchive ${devnet.oxarchive.http}`,
    `status page ${server.url} · log ${shown(join(devnet.dataDir, 'logs', 'ommer.log'))} · config ${shown(file)}`,
    'Ctrl-C ends it. In another terminal: npm run ommer -- tail --config ' +
      `${shown(file)} · npm run ommer -- devnet reorg --depth 4`,
  ]);
  try {
    return await Promise.race([
      runPipelines({ config, logger, metrics, board, signal }),
      watch({ config, source, node: devnet.evm.http, view, logger, signal }).then(() => 0),
      ...config.sources.flatMap((simulated) => {
        const label = simulatedSources.get(simulated.name);
        if (label === undefined) return [];
        const ownView = new LiveView(io.stdout, paint, `  · ${label}`);
        const options = { config, source: simulated, node: null, view: ownView, logger, signal };
        return [watch(options).then(() => 0)];
      }),
      firstReorg(traffic, signal),
      traffic.finished.then(() => 0),
    ]);
  } finally {
    end.abort();
    await traffic.finished.catch(() => undefined);
    await server.close();
    log.close();
  }
}

/** Never resolves: reorgs go on by themselves afterwards. */
async function firstReorg(traffic: TrafficRun, signal: AbortSignal): Promise<number> {
  await systemClock.sleep(firstReorgAfterMs, signal).catch(() => undefined);
  if (!signal.aborted) await traffic.reorg(3, 'rewrite');
  return new Promise(() => undefined);
}

/** The log goes to a file, so that the view stays readable. */
function openLog(path: string) {
  try {
    const descriptor = openSync(path, 'w');
    return {
      write: (text: string) => writeSync(descriptor, text),
      close: () => closeSync(descriptor),
    };
  } catch (cause) {
    throw new FatalError('devnet.start_failed', {
      stage: 'cli',
      message: `The log file ${path} cannot be written: ${String(cause)}`,
      cause,
    });
  }
}
