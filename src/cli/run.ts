/** `ommer run`: publishes until it is stopped. */
import { PipelineError } from '../model/errors.ts';
import type { Logger } from '../model/runtime.ts';
import { openHttpServer } from '../observability/http-server.ts';
import { createMetrics } from '../observability/metrics.ts';
import { createStatusBoard } from '../observability/status.ts';
import type { Command } from './command.ts';
import { runPipelines } from './compose/run-pipelines.ts';
import { configFrom, configOption, loggerFrom, namedSources } from './configuration.ts';
import { exitCodeOf } from './exit-code.ts';
import { version } from './help.ts';
import { systemClock } from './system-clock.ts';

/** With the end of the process a stop takes less than 5 s, whatever does not answer. */
const stopMsMax = 4_000;

export const runCommand: Command = {
  name: 'run',
  summary: 'Publish the sources until stopped.',
  usage: 'run [SOURCE…] [--config FILE]',
  about:
    'Publishes all sources of the configuration, or the named ones, until SIGINT or SIGTERM: then the open transaction is finished or aborted and the process leaves within 5 s. A restart goes on exactly where it stopped, on this machine or another. Log lines go to standard error.',
  positionals: ['SOURCE…'],
  options: { ...configOption },
  examples: ['ommer run', 'ommer run mainnet --config production.yaml'],
  async run(args, io) {
    const config = configFrom(args, io);
    const sources = namedSources(config, args.positionals).map(({ name }) => name);
    const logger = loggerFrom(config, io);
    const metrics = createMetrics();
    const board = createStatusBoard(() => systemClock.nowMs());
    const { enabled, host, port } = config.http;
    const server = enabled
      ? await openHttpServer({ host, port, metrics, board, version: version() })
      : null;
    logger.info({ version: version(), sources, http: server?.url ?? null }, 'started');
    try {
      const exitCode = await Promise.race([
        runPipelines({ config, sources, logger, metrics, board, signal: io.signal }),
        leaveInTime(io.signal, logger),
      ]);
      logger.info({ exitCode }, 'stopped');
      return exitCode;
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const { code, stage } = error;
      logger.error({ code, stage, err: error, exitCode: exitCodeOf(error) }, 'cannot run');
      return exitCodeOf(error);
    } finally {
      await server?.close();
    }
  },
};

/**
 * 0, some time after the signal. What is under way then is not committed: the next start settles it
 * and goes on from the last commit.
 */
async function leaveInTime(signal: AbortSignal, logger: Logger): Promise<number> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await systemClock.sleep(stopMsMax);
  logger.warn({ afterMs: stopMsMax }, 'stop left something unfinished');
  return 0;
}
