/** Which network an indexer serves: its chain id, its first block and its head, from itself. */
import type { BlockRef } from '../../model/block.ts';
import { FatalError } from '../../model/errors.ts';
import { isObject } from '../wire-object.ts';
import type { TzktConfig } from './config.ts';
import type { TzktRest } from './rest.ts';
import { isLevel, malformed, parseHashes } from './wire.ts';

/** What `/v1/head` says. */
export interface NetworkHead {
  /** `Net…` */
  readonly chainId: string;
  readonly block: BlockRef;
}

/** The indexer's head. */
export async function readHead(rest: TzktRest, signal: AbortSignal): Promise<NetworkHead> {
  const where = '/v1/head';
  const { value } = await rest.get({ path: where, params: {} }, signal);
  if (!isObject(value)) throw malformed(where, 'answer', value);
  const { chainId, level, hash } = value;
  if (typeof chainId !== 'string') throw malformed(where, 'chainId', chainId);
  if (!isLevel(level)) throw malformed(where, 'level', level);
  if (typeof hash !== 'string') throw malformed(where, 'hash', hash);
  return { chainId, block: { height: level, hash } };
}

/**
 * `<CAIP-2 id>/<hash of the first block>`. Throws `source.wrong_chain` when the indexer serves
 * another network than the configured one.
 */
export async function readIdentity(
  rest: TzktRest,
  config: TzktConfig,
  signal: AbortSignal,
): Promise<string> {
  const { chainId } = await readHead(rest, signal);
  if (`tezos:${chainId}` !== config.chain) {
    throw new FatalError('source.wrong_chain', {
      stage: 'sources',
      message: `${rest.origin} serves tezos:${chainId}; the configuration says ${config.chain}. Correct "chain" or "url" of this source.`,
      context: { origin: rest.origin, chainId, expectedChain: config.chain },
    });
  }
  const params = { 'select.values': 'level,hash', 'sort.asc': 'level', limit: '1' };
  const { value } = await rest.get({ path: '/v1/blocks', params }, signal);
  const [first] = parseHashes(value, '/v1/blocks');
  if (first === undefined) throw malformed('/v1/blocks', 'answer', value);
  return `${config.chain}/${first[1]}`;
}
