/** The `basalt` source: a Basalt chain through its nodes' REST and block streams. */
import { retryProblems } from '../request-options.ts';
import type { SourceDefinition } from '../source.ts';
import { BasaltSource } from './basalt-source.ts';
import { basaltChannels } from './channels.ts';
import { checkBasalt } from './check.ts';
import { type BasaltConfig, basaltConfig } from './config.ts';
import type { BasaltMessage } from './messages.ts';

export const basaltSource: SourceDefinition<BasaltConfig, BasaltMessage> = {
  kind: 'basalt',
  config: basaltConfig,
  channels: basaltChannels,
  chain: (config) => config.chain,
  validate: retryProblems,
  connect: (config, datasets, runtime) => new BasaltSource(config, datasets, runtime),
  check: checkBasalt,
};
