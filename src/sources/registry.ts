/** All kinds of sources, one explicit line each. */
import { evmSource } from './evm/index.ts';
import { tzktSource } from './tzkt/index.ts';

/** By kind, which is also the folder's name. */
export const sources = {
  evm: evmSource,
  tzkt: tzktSource,
} as const;
