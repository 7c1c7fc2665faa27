/** The `tzkt` source: Tezos networks through TzKT's hub and REST API. */
import type { SourceDefinition } from '../source.ts';
import { tzktChannels } from './channels.ts';
import { checkTzkt } from './check.ts';
import { type TzktConfig, tzktConfig, validateTzktConfig } from './config.ts';
import type { TzktMessage } from './messages.ts';
import { TzktSource } from './tzkt-source.ts';

export const tzktSource: SourceDefinition<TzktConfig, TzktMessage> = {
  kind: 'tzkt',
  config: tzktConfig,
  channels: tzktChannels,
  chain: (config) => config.chain,
  validate: validateTzktConfig,
  connect: (config, datasets, runtime) => new TzktSource(config, datasets, runtime),
  check: checkTzkt,
};
