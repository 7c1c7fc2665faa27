/** Contracts that come to be, what they answer, and the tokens that BlockDB recognises in them. */
import type { Item } from '../../../simulator/json.ts';
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import type { Cast } from '../cast.ts';
import type { DatasetId } from '../datasets.ts';
import { contractId, type TransactionPlan, type TransactionSink } from '../draft.ts';
import { awkwardNames, orNull, word } from '../values.ts';

/** Selectors of `name()` and `decimals()`. */
const selectors = { name: '06fdde03', decimals: '313ce567' } as const;

const tokenDatasets: readonly DatasetId[] = ['0201', '0202', '0203'];

/** A transaction that deploys one contract, or two by way of a factory; many are tokens. */
export function drawCreation(random: SeededRandom, cast: Cast, from: string): TransactionPlan {
  const created = random.hex(20);
  const second = random.hex(20);
  const isByFactory = random.chance(0.4);
  const token = random.chance(0.8) ? drawToken(random) : undefined;
  const name = random.hex(64);
  const write = (out: TransactionSink): void => {
    const address = isByFactory ? second : created;
    const contract = contractId(address, out.height, out.txIndex);
    if (token === undefined) return;
    out.add(token.dataset, {
      contract_id: contract,
      contract_address: address,
      address,
      ...token.members,
    });
    const observe = (signature: string, result: string | null): void =>
      out.add('0122', {
        contract_id: contract,
        call_data: signature,
        signature_hash: signature,
        result,
        timestamp_utc: out.timeText,
      });
    observe(selectors.name, name);
    observe(selectors.decimals, token.dataset === '0202' ? null : word(18n));
  };
  if (!isByFactory) return { to: null, created, write };
  const call = {
    path: '0',
    type: 'CREATE2',
    from: cast.factory,
    to: second,
    value: 0n,
    error: null,
  };
  const failed = { ...call, path: '1', from, to: null, error: 'out of gas' };
  return { to: cast.factory, calls: [call, failed], write };
}

function drawToken(random: SeededRandom): { readonly dataset: DatasetId; readonly members: Item } {
  const dataset = random.pick(tokenDatasets);
  const names = {
    name: orNull(random, random.pick(awkwardNames)),
    symbol: orNull(random, random.pick(['TKN', '代币', '$', ''])),
    // Only in the first revision.
    ...(dataset === '0201' ? { log_index: random.integer(0, 99) } : {}),
  };
  const flag = (): boolean | null => random.pick([true, false, null]);
  if (dataset === '0202') {
    const uri = random.pick(['ipfs://bafy/1', 'data:application/json;base64,e30=', '']);
    const support = { supports_metadata: flag(), supports_enumerable: flag() };
    return { dataset, members: { ...names, token_uri: orNull(random, uri), ...support } };
  }
  const decimals = orNull(random, random.pick([18, 6, 0, 255]));
  if (dataset === '0201') return { dataset, members: { ...names, decimals } };
  const uri = orNull(random, 'https://example.invalid/{id}.json');
  return { dataset, members: { ...names, decimals, uri, supports_metadata_uri: flag() } };
}
