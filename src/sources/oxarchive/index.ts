/** The `oxarchive` source: market data of Hyperliquid and Lighter through 0xArchive. */
import type { SourceDefinition } from '../source.ts';
import { oxarchiveChannels } from './channels.ts';
import { checkOxarchive } from './check.ts';
import { type OxarchiveConfig, oxarchiveConfig, venueOf } from './config.ts';
import { validateOxarchiveConfig } from './config-checks.ts';
import type { OxarchiveMessage } from './messages.ts';
import { OxarchiveSource } from './oxarchive-source.ts';

export const oxarchiveSource: SourceDefinition<OxarchiveConfig, OxarchiveMessage> = {
  kind: 'oxarchive',
  config: oxarchiveConfig,
  channels: oxarchiveChannels,
  chain: venueOf,
  validate: validateOxarchiveConfig,
  connect: (config, datasets, runtime) => new OxarchiveSource(config, datasets, runtime),
  sessions: ({ retryBudget: retriesMax, stableMs }) => ({ retriesMax, stableMs }),
  check: checkOxarchive,
};
