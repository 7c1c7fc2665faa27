/** Members that rows of several datasets share: the pool, and amounts with their raw twins. */
import type { Item } from '../../../simulator/json.ts';
import type { Pool, Token } from '../cast.ts';
import { adjustedText } from '../values.ts';

/** The members that name a pool; `pool_id` is shown by pools only, REST selects by it. */
export function poolMembers({ uid, exchangeId, typeId, poolId }: Pool): Item {
  return { pool_uid: uid, exchange_id: exchangeId, type_id: typeId, pool_id: poolId };
}

/** An amount as it is shown adjusted, and its raw twin. */
export function amounts(name: string, raw: bigint, { decimals }: Token): Item {
  return { [name]: adjustedText(raw, decimals), [`${name}_raw`]: raw.toString() };
}
