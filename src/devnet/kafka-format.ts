/**
 * Formats the storage of one broker with Kafka's own tool, which a node needs once before its first
 * start.
 */
import { FatalError } from '../model/errors.ts';
import { spawnGuarded } from './guarded-spawn.ts';
import { lastLines } from './log-file.ts';

/** One cluster id for every devnet: the data directory tells them apart. */
const clusterId = 'b21tZXItZGV2bmV0LTAwMQ';

/** Where the jars, the broker's properties and its log are. */
export interface FormatOptions {
  readonly jars: string;
  readonly javaOptions: readonly string[];
  readonly properties: string;
  readonly logFile: string;
  readonly cwd: string;
}

/** Throws `devnet.start_failed` with the tool's last lines. */
export async function formatBroker(options: FormatOptions): Promise<void> {
  const tool = spawnGuarded({
    command: 'java',
    args: [
      ...options.javaOptions,
      '-Xmx128m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      `${options.jars}/*`,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      options.properties,
    ],
    cwd: options.cwd,
    logFile: options.logFile,
  });
  const { code, signal } = await tool.ended;
  if (code === 0) return;
  const reason =
    code === 127
      ? '`java` was not found: install a Java 17 runtime'
      : `the storage tool ended with ${signal ?? `code ${code}`}`;
  throw new FatalError('devnet.start_failed', {
    stage: 'devnet',
    message: `Could not format Kafka's storage: ${reason}.\n${await lastLines(options.logFile, 12)}`,
    context: { logFile: options.logFile },
  });
}
