/** The `evm` source: any EVM chain through JSON-RPC nodes. */
import type { SourceDefinition } from '../source.ts';
import { evmChannels } from './channels.ts';
import { checkEvm } from './check.ts';
import { type EvmConfig, evmConfig, validateEvmConfig } from './config.ts';
import { EvmSource } from './evm-source.ts';
import type { EvmMessage } from './messages.ts';

export const evmSource: SourceDefinition<EvmConfig, EvmMessage> = {
  kind: 'evm',
  config: evmConfig,
  channels: evmChannels,
  chain: (config) => config.chain,
  validate: validateEvmConfig,
  connect: (config, datasets, runtime) => new EvmSource(config, datasets, runtime),
  check: checkEvm,
};
