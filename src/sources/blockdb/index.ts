/** The `blockdb` source: EVM chains through BlockDB's stream and REST API. */
import type { SourceDefinition } from '../source.ts';
import { BlockdbSource } from './blockdb-source.ts';
import { blockdbChannels } from './channels.ts';
import { checkBlockdb } from './check.ts';
import { type BlockdbConfig, blockdbConfig, validateBlockdbConfig } from './config.ts';
import type { BlockdbRow } from './messages.ts';

export const blockdbSource: SourceDefinition<BlockdbConfig, BlockdbRow> = {
  kind: 'blockdb',
  config: blockdbConfig,
  channels: blockdbChannels,
  chain: (config) => config.chain,
  validate: validateBlockdbConfig,
  connect: (config, datasets, runtime) => new BlockdbSource(config, datasets, runtime),
  check: checkBlockdb,
};
