/** The configuration file that goes with a running devnet, so that other commands find it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DevnetState } from '../devnet/state-file.ts';

/** Chain id of a devnet's chain. */
export const devnetChain = 'eip155:31337';

/** Writes `ommer.yaml` into the data directory and returns its path. */
export function writeDevnetConfig(
  dataDir: string,
  state: DevnetState,
  blockTimeMs: number,
): string {
  const file = join(dataDir, 'ommer.yaml');
  const config = {
    kafka: { brokers: state.brokers },
    ...(state.registry === null ? {} : { registry: { url: state.registry } }),
    topics: { prefix: 'ommer', partitions: 3 },
    sources:
      state.evm === null
        ? {}
        : {
            devnet: {
              kind: 'evm',
              chain: devnetChain,
              http: [state.evm.http],
              ws: [state.evm.ws],
              start: 'earliest',
              blockTimeMs,
            },
          },
  };
  writeFileSync(file, `# Written by \`ommer devnet up\`.\n${stringify(config)}`);
  return file;
}
