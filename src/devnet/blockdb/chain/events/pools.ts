/** Pools that come to be, their fee terms, and the cycles that they close. */
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import { type Cast, drawPool, type Pool, type PoolKind, poolKinds } from '../cast.ts';
import { contractId, type TransactionPlan, type TransactionSink } from '../draft.ts';
import { decimalText, orNull, word } from '../values.ts';
import { poolMembers } from './members.ts';
import { writeReserves } from './reserves.ts';

const createdTopic = '783cca1c0412dd0d695e784568c96da2e9c22ff989357a2e8b1d9b2b4e6b7118';
const feeTopic = '973d8d92bb299f4af6ce49b52a8adb85ae46b9f214c4c4fc06ac77401237b133';
const fractionPerPpm = 10n ** 12n;
const kinds = Object.keys(poolKinds) as PoolKind[];

/** A transaction that creates a pool. */
export function drawPoolCreation(random: SeededRandom, cast: Cast, from: string): TransactionPlan {
  const tokens = random.shuffle(cast.tokens).slice(0, 2);
  const kind = random.pick(kinds);
  const pool = drawPool(random, { kind, tokens, feePpm: random.pick([100, 500, 3000]) });
  const { factory } = cast;
  const members = {
    factory: orNull(random, factory),
    pairnum: orNull(random, random.integer(1, 400_000)),
    asset_managers: kind === 'weighted' ? [from, factory] : null,
    amp: kind === 'stable' ? random.pick([100, 0.5, 2000]) : null,
    weights: kind === 'weighted' ? [0.8, 0.2] : null,
    tick_spacing: kind === 'concentrated' ? random.pick([1, 10, 60]) : null,
  };
  const terms = writerOfTerms(random, pool);
  const path = random.chance(0.6) ? random.hex(32) : undefined;
  const cycle = cast.pools.slice(0, 2);
  const create = {
    path: '0',
    type: 'CREATE2',
    from: factory,
    to: pool.address,
    value: 0n,
    error: null,
  };
  const write = (out: TransactionSink): void => {
    const address = pool.address;
    const index = out.log({ address: factory, topics: [createdTopic], data: word(pool.emitter) });
    out.add('0211', {
      ...poolMembers(pool),
      log_index: index,
      tokens: tokens.map((token) => token.address),
      contract_id: address === null ? null : contractId(address, out.height, out.txIndex),
      contract_address: address,
      pool_id: pool.poolId,
      ...members,
    });
    terms(out);
    writeReserves(out, { index, pool, random: random.fork('reserves') });
    if (path !== undefined) {
      out.add('0701', {
        path_id: path,
        log_index: index,
        pool_uids: [pool, ...cycle].map(({ uid }) => uid),
        token_cycle: [...tokens, ...tokens.slice(0, 1)].map((token) => token.address),
      });
    }
  };
  return { to: factory, calls: pool.address === null ? [] : [create], write };
}

/** A transaction that changes the fees of a pool. */
export function drawFeeChange(random: SeededRandom, cast: Cast): TransactionPlan {
  const pool = random.pick(cast.pools);
  return { to: pool.emitter, write: writerOfTerms(random, pool) };
}

function writerOfTerms(random: SeededRandom, pool: Pool): (out: TransactionSink) => void {
  const total = BigInt(random.integer(0, 10_000)) * fractionPerPpm;
  const protocol = random.pick([0n, total / 6n]);
  const terms = {
    total_fee: decimalText(total),
    user_fee: orNull(random, decimalText(total - protocol)),
    protocol_fee: orNull(random, decimalText(protocol)),
    extra_fee: orNull(random, decimalText(0n)),
  };
  return (out) => {
    const index = out.log({ address: pool.emitter, topics: [feeTopic], data: word(total) });
    out.add('0212', { ...poolMembers(pool), log_index: index, ...terms });
  };
}
