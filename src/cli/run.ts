/** `ommer run`: publishes until it is stopped. */
import { PipelineError } from '../model/errors.ts';
import { systemClock } from '../model/system-clock.ts';
import { openHttpServer } from '../observability/http-server.ts';
import { createMetrics } from '../observability/metrics.ts';
import { createStatusBoard } from '../observability/status.ts';
import type { Command } from './command.ts';
import { runPipelines } from './compose/run-pipelines.ts';
import { configFrom, configOption, loggerFrom, namedSources } from './configuration.ts';
import { exitCodeOf } from './exit-code.ts';
import { version } from './help.ts';
import { leaveInTime } from './leave-in-time.ts';

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
