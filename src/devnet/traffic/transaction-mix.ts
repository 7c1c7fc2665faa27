/**
 * Draws the transactions of a block: what kind, from whom, to whom. Pure; the same random sequence
 * and the same state of the chain give the same transactions.
 */
import { encodeCall, encodeDeployment } from './contracts.ts';
import { type Deployment, multiTokenIds } from './deployment.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { TransactionKind, TransactionRequest } from './transaction-request.ts';

/** What the mix must know of the chain. */
export interface MixState {
  readonly random: SeededRandom;
  readonly senders: readonly string[];
  readonly deployment: Deployment;
  /** ERC-721 ids with their owner, null for an id that nobody owns; each is used at most once. */
  readonly tokens: readonly OwnedToken[];
}

/** An ERC-721 id and who owns it. */
export interface OwnedToken {
  readonly id: bigint;
  readonly owner: string | null;
}

interface Draw extends MixState {
  readonly from: string;
  readonly unusedTokens: OwnedToken[];
}

const weights: readonly (readonly [TransactionKind, number])[] = [
  ['erc20_transfer', 30],
  ['value_transfer', 14],
  ['erc721_transfer', 12],
  ['erc1155_single', 10],
  ['erc1155_batch', 9],
  ['events', 9],
  ['reverted', 7],
  ['erc20_supply', 4],
  ['nested_creation', 3],
  ['creation', 2],
];
const totalWeight = weights.reduce((sum, [, weight]) => sum + weight, 0);

const compose: Readonly<Record<TransactionKind, (draw: Draw) => TransactionRequest>> = {
  value_transfer: composeValueTransfer,
  erc20_transfer: composeErc20Transfer,
  erc20_supply: composeErc20Supply,
  erc721_transfer: composeErc721Transfer,
  erc1155_single: composeErc1155Single,
  erc1155_batch: composeErc1155Batch,
  nested_creation: composeNestedCreation,
  creation: composeCreation,
  reverted: composeReverted,
  events: composeEvents,
};

/** `count` transactions in the order they shall have in the block. */
export function drawTransactions(count: number, state: MixState): readonly TransactionRequest[] {
  const unusedTokens = [...state.tokens];
  return Array.from({ length: count }, () => {
    const from = state.random.pick(state.senders);
    return compose[drawKind(state.random)]({ ...state, from, unusedTokens });
  });
}

/** `count` transactions of one account, all with logs: they move the logs of others. */
export function drawNewcomers(
  count: number,
  from: string,
  state: MixState,
): readonly TransactionRequest[] {
  const draw = { ...state, from, unusedTokens: [] };
  return Array.from({ length: count }, () =>
    state.random.chance(0.5) ? composeErc20Transfer(draw) : composeEvents(draw),
  );
}

function drawKind(random: SeededRandom): TransactionKind {
  let left = random.next() * totalWeight;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'value_transfer';
}

function composeValueTransfer({ random, senders, from }: Draw): TransactionRequest {
  const to = random.chance(0.3) ? `0x${random.hex(20)}` : random.pick(senders);
  const value = BigInt(random.integer(0, 1_000_000)) * 10n ** 9n;
  return { kind: 'value_transfer', from, to, value, gas: 21_000 };
}

function composeErc20Transfer({ random, senders, from, deployment }: Draw): TransactionRequest {
  const holder = random.chance(0.2) ? `0x${random.hex(20)}` : random.pick(senders);
  const amount = BigInt(random.integer(0, 1_000_000)) * 10n ** BigInt(random.integer(0, 18));
  const data = encodeCall('Erc20Token', 'transfer(address,uint256)', [holder, amount]);
  return { kind: 'erc20_transfer', from, to: random.pick(deployment.erc20), data, gas: 100_000 };
}

function composeErc20Supply({ random, senders, from, deployment }: Draw): TransactionRequest {
  const amount = BigInt(random.integer(1, 1_000)) * 10n ** 18n;
  const other = random.pick(senders);
  const data = random.pick([
    encodeCall('Erc20Token', 'mint(address,uint256)', [other, amount]),
    encodeCall('Erc20Token', 'burn(uint256)', [amount]),
    encodeCall('Erc20Token', 'approve(address,uint256)', [other, 2n ** 256n - 1n]),
  ]);
  return { kind: 'erc20_supply', from, to: random.pick(deployment.erc20), data, gas: 120_000 };
}

function composeErc721Transfer(draw: Draw): TransactionRequest {
  const { random, senders, from, deployment } = draw;
  const token = draw.unusedTokens.shift();
  if (token === undefined) return composeErc20Transfer(draw);
  const common = { kind: 'erc721_transfer', to: deployment.erc721, gas: 150_000 } as const;
  if (token.owner === null) {
    const values = [random.pick(senders), token.id];
    return { ...common, from, data: encodeCall('Erc721Token', 'mint(address,uint256)', values) };
  }
  if (random.chance(0.15)) {
    const data = encodeCall('Erc721Token', 'burn(uint256)', [token.id]);
    return { ...common, from: token.owner, data };
  }
  const values = [token.owner, random.pick(senders), token.id];
  const data = encodeCall('Erc721Token', 'transferFrom(address,address,uint256)', values);
  return { ...common, from: token.owner, data };
}

function composeErc1155Single({ random, senders, from, deployment }: Draw): TransactionRequest {
  const signature = 'safeTransferFrom(address,address,uint256,uint256,bytes)';
  const amount = BigInt(random.integer(0, 1_000));
  const values = [from, random.pick(senders), random.pick(multiTokenIds), amount];
  const data = encodeCall('Erc1155Token', signature, [...values, { bytes: `0x${random.hex(5)}` }]);
  return { kind: 'erc1155_single', from, to: deployment.erc1155, data, gas: 150_000 };
}

/** From no id at all to the same id twice. */
function composeErc1155Batch({ random, senders, from, deployment }: Draw): TransactionRequest {
  const ids = Array.from({ length: random.integer(0, 4) }, () => random.pick(multiTokenIds));
  const firstAgain = ids.length > 0 && random.chance(0.4) ? ids.slice(0, 1) : [];
  const allIds = [...ids, ...firstAgain];
  const amounts = allIds.map(() => BigInt(random.integer(0, 1_000)));
  const signature = 'safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)';
  const values = [from, random.pick(senders), allIds, amounts, { bytes: '0x' }];
  const data = encodeCall('Erc1155Token', signature, values);
  return { kind: 'erc1155_batch', from, to: deployment.erc1155, data, gas: 350_000 };
}

function composeNestedCreation({ random, from, deployment }: Draw): TransactionRequest {
  const signature = random.chance(0.7) ? 'build(bytes32)' : 'buildDespiteFailure(bytes32)';
  const data = encodeCall('Factory', signature, [`0x${random.hex(32)}`]);
  return { kind: 'nested_creation', from, to: deployment.factory, data, gas: 1_500_000 };
}

function composeCreation({ random, from }: Draw): TransactionRequest {
  const symbol = `T${random.hex(2).toUpperCase()}`;
  const values = [{ text: `Token ${symbol}` }, { text: symbol }, [from]];
  return {
    kind: 'creation',
    from,
    data: encodeDeployment('Erc20Token', values),
    gas: 2_000_000,
  };
}

function composeReverted({ random, from, deployment }: Draw): TransactionRequest {
  const value = BigInt(random.integer(0, 1_000_000));
  const calls = [
    encodeCall('Reverter', 'failWithReason(string)', [{ text: 'not today' }]),
    encodeCall('Reverter', 'failWithError(uint256)', [value]),
    encodeCall('Reverter', 'failAfterLog(uint256)', [value]),
    encodeCall('Reverter', 'survive(uint256)', [value]),
    encodeCall('Reverter', 'exhaustGas()', []),
  ];
  const common = { kind: 'reverted', from, gas: 150_000 } as const;
  const choice = random.integer(0, calls.length + 1);
  if (choice === calls.length) {
    const data = encodeCall('Factory', 'buildAndFail(bytes32)', [`0x${random.hex(32)}`]);
    return { ...common, to: deployment.factory, data, gas: 1_500_000 };
  }
  if (choice > calls.length) {
    // A token without holders refuses to be created.
    const values = [{ text: 'Nothing' }, { text: 'NIL' }, []];
    return { ...common, data: encodeDeployment('Erc20Token', values), gas: 2_000_000 };
  }
  return { ...common, to: deployment.reverter, data: calls[choice] ?? '0x' };
}

function composeEvents({ random, senders, from, deployment }: Draw): TransactionRequest {
  const value = BigInt(random.integer(0, 1_000_000));
  const topics = BigInt(random.integer(0, 5));
  const data = random.pick([
    encodeCall('EventEmitter', 'emitTopics(uint256,uint256)', [topics, value]),
    encodeCall('EventEmitter', 'emitTopics(uint256,uint256)', [topics, value]),
    encodeCall('EventEmitter', 'emitMany(uint256,uint256)', [value, topics + 2n]),
    encodeCall('EventEmitter', 'emitPayload(uint256)', [2n ** (topics + 9n)]),
    encodeCall('EventEmitter', 'emitMisleadingTransfer(address,uint256)', [
      random.pick(senders),
      value,
    ]),
  ]);
  return { kind: 'events', from, to: deployment.emitter, data, gas: 400_000 };
}
