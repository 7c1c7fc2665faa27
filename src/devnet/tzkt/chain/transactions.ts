/**
 * Groups of contract calls: token transfers, swaps with internal operations, tickets, originations,
 * batches, failures, and calls with awkward parameters. One group shares one operation hash and
 * comes back as a whole.
 */

import type { Item, Json } from '../../simulator/json.ts';
import { awkwardValue, huge } from './awkward.ts';
import { hashOf, tezosName } from './base58.ts';
import { type Contract, contractOf, type Party, shown } from './cast.ts';
import type { Effect, OperationDraft } from './draft.ts';
import type { Draw } from './draw.ts';
import { origination, transaction } from './kinds/contract-calls.ts';

/** Makes one group. */
type GroupMaker = (draw: Draw) => readonly OperationDraft[];

/** Kinds of groups, each as often as it stands here. */
const makers: readonly GroupMaker[] = [
  payment,
  payment,
  fa2Transfer,
  fa2Transfer,
  fa12Transfer,
  swap,
  batch,
  ticketIssue,
  originate,
  failure,
  awkwardCall,
  lateMint,
];

/** One group of contract calls, by lot. */
export function drawGroup(draw: Draw): readonly OperationDraft[] {
  return draw.random.pick(makers)(draw);
}

/** A call whose parameter has about this many bytes. */
export function bigCall(draw: Draw, sizeBytes: number): readonly OperationDraft[] {
  return [
    call(draw, {
      target: draw.cast.exchange,
      entrypoint: 'store',
      value: 'é'.repeat(sizeBytes / 2),
    }),
  ];
}

/** The token contract that moves unnoticed around this level and is recognised later. */
export function lateToken(seed: string, level: number): Contract {
  return contractOf(seed, `late-token/${Math.floor(level / lateTokenLevels)}`);
}

/** True on the level at which the late token of its time is recognised. */
export function isRecognition(level: number): boolean {
  return level % lateTokenLevels === lateTokenLevels - 5;
}

const lateTokenLevels = 20;

interface Call {
  readonly target: Contract;
  readonly entrypoint: string;
  readonly value: Json;
  readonly sender?: Party;
  readonly fields?: Item;
  readonly effects?: readonly Effect[];
}

function payment(draw: Draw): readonly OperationDraft[] {
  return [plain(draw, {})];
}

function fa2Transfer(draw: Draw): readonly OperationDraft[] {
  const { random, cast } = draw;
  const tokenId = random.pick(['0', '7', huge]);
  const from = random.pick(cast.users);
  const to = random.pick([...cast.users, cast.ghost]);
  const isMint = random.chance(0.5);
  const amount = isMint ? 2n ** 64n * BigInt(random.integer(1, 9999)) : 2n ** 63n + 1n;
  const ledger = 731_204;
  const content = {
    hash: tezosName('expression', `${to.address}/${tokenId}`),
    key: { nat: tokenId, address: to.address },
    value: amount.toString(),
  };
  const transfer = { txs: [{ to_: to.address, amount: `${amount}`, token_id: tokenId }] };
  return [
    call(draw, {
      target: cast.fa2,
      sender: from,
      entrypoint: isMint ? 'mint' : 'transfer',
      value: [{ ...transfer, from_: from.address }],
      fields: {
        storage: { ledger, paused: false, total_supply: (2n ** 90n).toString() },
        diffs: [
          {
            bigmap: ledger,
            path: 'ledger',
            action: random.pick(['add_key', 'update_key']),
            content,
          },
          ...(random.chance(0.2)
            ? [{ bigmap: 731_205, path: 'token_metadata', action: 'remove_key', content }]
            : []),
        ],
      },
      effects: [
        { effect: 'token', contract: cast.fa2, tokenId, amount, to, ...(isMint ? {} : { from }) },
      ],
    }),
  ];
}

function fa12Transfer(draw: Draw): readonly OperationDraft[] {
  const { random, cast } = draw;
  const from = random.pick(cast.users);
  const to = random.pick(cast.users);
  const amount = BigInt(random.integer(1, 1_000_000));
  const step = random.pick(['mint', 'transfer', 'burn']);
  const parties = step === 'mint' ? { to } : step === 'burn' ? { from } : { from, to };
  return [
    call(draw, {
      target: cast.fa12,
      sender: from,
      entrypoint: step,
      value: { from: from.address, to: to.address, value: `${amount}` },
      effects: [{ effect: 'token', contract: cast.fa12, tokenId: '0', amount, ...parties }],
    }),
  ];
}

// Sometimes the last internal operation fails, which takes the others back.
function swap(draw: Draw): readonly OperationDraft[] {
  const { random, cast } = draw;
  const hash = draw.operationHash();
  const isFailed = random.chance(0.25);
  const status = isFailed ? 'backtracked' : 'applied';
  const event: Effect = {
    effect: 'event',
    contract: cast.exchange,
    ...(random.chance(0.8) ? { tag: random.pick(['swap', 'sync', 'événement']) } : {}),
    ...(random.chance(0.9) ? { payload: { in: '1000000', out: huge } } : {}),
  };
  const outer = call(draw, {
    target: cast.exchange,
    entrypoint: 'swap',
    value: { amounts: ['1000000', huge], deadline: '2026-07-02T09:14:49Z' },
    fields: { hash, status, hasInternals: true, storage: { reserves: huge, owner: null } },
    effects: [event],
  });
  const internal = (nonce: number, fields: Item): OperationDraft => {
    const inner = plain(draw, {
      hash,
      counter: outer.fields['counter'],
      initiator: outer.fields['sender'],
      sender: shown(cast.exchange),
      senderCodeHash: cast.exchange.codeHash,
      nonce,
      gasLimit: 0,
      storageLimit: 0,
      bakerFee: 0,
      status,
      ...fields,
    });
    return inner;
  };
  const failure = isFailed
    ? { status: 'failed', errors: [{ type: 'contract.balance_too_low', balance: 0, required: 1 }] }
    : {};
  return [outer, internal(0, { amount: 1000 }), internal(1, { amount: 0, ...failure })];
}

function batch(draw: Draw): readonly OperationDraft[] {
  const hash = draw.operationHash();
  const sender = shown(draw.random.pick(draw.cast.users));
  return [plain(draw, { hash, sender }), plain(draw, { hash, sender })];
}

function ticketIssue(draw: Draw): readonly OperationDraft[] {
  const { random, cast } = draw;
  const to = random.pick(cast.users);
  const from = random.pick(cast.users);
  const isMint = random.chance(0.6);
  const content = random.pick(['coupon', 'Gutschein ✓']);
  return [
    call(draw, {
      target: cast.ticketer,
      entrypoint: 'issue',
      value: content,
      effects: [
        {
          effect: 'ticket',
          content,
          to,
          ...(isMint ? {} : { from }),
          amount: isMint ? 2n ** 66n : 3n,
        },
      ],
    }),
  ];
}

function originate(draw: Draw): readonly OperationDraft[] {
  const hash = draw.operationHash();
  const bigmap = 800_000 + (draw.level % 100_000) * 100 + draw.serial();
  const contract = tezosName('KT1', `${hash}/0`);
  const fields = {
    ...origination.make(draw),
    hash,
    storage: { admin: draw.random.pick(draw.cast.users).address, ledger: bigmap },
    diffs: [{ bigmap, path: 'ledger', action: 'allocate' }],
    originatedContract: {
      kind: 'smart_contract',
      address: contract,
      typeHash: hashOf(`${contract}/type`),
      codeHash: hashOf('shared code'),
    },
  };
  return [{ kind: origination, fields, effects: [], isRepeatable: false }];
}

function failure(draw: Draw): readonly OperationDraft[] {
  const isSkipped = draw.random.chance(0.3);
  const hash = draw.operationHash();
  const errors = [{ type: 'contract.balance_too_low', balance: 1, required: 9_000_000_000 }];
  const failed = plain(draw, { hash, status: 'failed', errors });
  return isSkipped ? [failed, plain(draw, { hash, status: 'skipped' })] : [failed];
}

function awkwardCall(draw: Draw): readonly OperationDraft[] {
  const value = awkwardValue(draw.random);
  return [
    call(draw, {
      target: draw.cast.exchange,
      entrypoint: 'default',
      value,
      fields: { storage: value },
    }),
  ];
}

function lateMint(draw: Draw): readonly OperationDraft[] {
  const contract = lateToken(draw.cast.seed, draw.level);
  const amount = 2n ** 65n + BigInt(draw.level);
  const to = draw.random.pick(draw.cast.users);
  return [
    call(draw, {
      target: contract,
      entrypoint: 'mint',
      value: { to: to.address, amount: `${amount}` },
      effects: [{ effect: 'token', contract, tokenId: '0', to, amount, isUnrecognised: true }],
    }),
  ];
}

function call(draw: Draw, options: Call): OperationDraft {
  const { target, entrypoint, value, sender, fields = {}, effects = [] } = options;
  return plain(
    draw,
    {
      target: shown(target),
      targetCodeHash: target.codeHash,
      amount: 0,
      parameter: { entrypoint, value },
      ...(sender === undefined ? {} : { sender: shown(sender) }),
      ...fields,
    },
    effects,
  );
}

function plain(draw: Draw, fields: Item, effects: readonly Effect[] = []): OperationDraft {
  return {
    kind: transaction,
    fields: { ...transaction.make(draw), ...fields },
    effects,
    isRepeatable: true,
  };
}
