/** All kinds of sources, one explicit line each. */
import { basaltSource } from './basalt/index.ts';
import { blockdbSource } from './blockdb/index.ts';
import { evmSource } from './evm/index.ts';
import { oxarchiveSource } from './oxarchive/index.ts';
import { tzktSource } from './tzkt/index.ts';

/** By kind, which is also the folder's name. */
export const sources = {
  basalt: basaltSource,
  blockdb: blockdbSource,
  evm: evmSource,
  oxarchive: oxarchiveSource,
  tzkt: tzktSource,
} as const;
