/**
 * Rows of trades and liquidations (reference sections 4.5 and 4.6): live, replayed and of REST. A
 * trade always gives two legs, also where the wire has both in one row.
 */
import { jsonText } from '../../wire-object.ts';
import type { LiquidationMessage, TradeMessage } from '../messages.ts';
import { RowFields, symbolNames, timeNames } from './fields.ts';
import { countLegs, withOtherSides } from './legs.ts';
import { type Reading, type RowsContext, readEach } from './reading.ts';

const names = {
  price: ['px', 'price'],
  quantity: ['sz', 'size'],
  tradeId: ['tid', 'tradeId', 'trade_id'],
  orderId: ['oid', 'orderId', 'order_id'],
  txHash: ['hash', 'txHash', 'tx_hash'],
  direction: ['dir', 'direction'],
  account: ['userAddress', 'user_address', 'user'],
  fee: ['fee'],
  feeToken: ['feeToken', 'fee_token'],
  closedPnl: ['closedPnl', 'closed_pnl'],
  startPosition: ['startPosition', 'start_position'],
  isTaker: ['crossed'],
  isLiquidation: ['is_liquidation', 'isLiquidation'],
  liquidatedUser: ['liquidated_user', 'liquidatedUser'],
  liquidatorUser: ['liquidator_user', 'liquidatorUser'],
  markPrice: ['mark_price', 'markPrice', 'markPx'],
} as const;

const known = new Set([
  ...Object.values(names).flat(),
  ...timeNames,
  ...symbolNames,
  'side',
  'users',
]);

/** The legs of a frame or page, in its order; a pair's legs follow each other. */
export function readTrades(data: unknown, context: RowsContext): Reading<TradeMessage> {
  const pairs = new Set<TradeMessage>();
  const { messages, refusals } = readEach(data, context, (row) => {
    const fields = new RowFields(row, context);
    const leg = tradeLeg(fields, context);
    // Whoever is named as the row's own makes it a leg, whatever else it tells of both.
    if (leg.users !== null && leg.account === null) pairs.add(leg);
    return leg;
  });
  return { messages: withOtherSides(countLegs(messages), pairs), refusals };
}

/** Liquidated fills; rows that say they are none are left out, they are trades only. */
export function readLiquidations(data: unknown, context: RowsContext): Reading<LiquidationMessage> {
  const reading = readEach(data, context, (row): LiquidationMessage | readonly [] => {
    const fields = new RowFields(row, context);
    return fields.flag(names.isLiquidation) === false ? [] : liquidation(fields, context);
  });
  return { messages: countLegs(reading.messages), refusals: reading.refusals };
}

function tradeLeg(fields: RowFields, context: RowsContext): TradeMessage {
  const { account, users } = accounts(fields);
  return {
    dataset: 'trades',
    ...fill(fields, context),
    orderId: fields.optionalInteger(names.orderId),
    isTaker: fields.flag(names.isTaker),
    account,
    users: users === null ? null : jsonText(users),
    direction: fields.text(names.direction),
    fee: fields.decimal(names.fee),
    feeToken: fields.text(names.feeToken),
    closedPnl: fields.decimal(names.closedPnl),
    startPosition: fields.decimal(names.startPosition),
    isLiquidation: fields.flag(names.isLiquidation),
    finality: finalityOf(context),
    details: fields.details(known),
  };
}

/** The first account of a pair was liquidated by the second: the rule of the vendor's libraries. */
function liquidation(fields: RowFields, context: RowsContext): LiquidationMessage {
  const { account, users } = accounts(fields);
  return {
    dataset: 'liquidations',
    ...fill(fields, context),
    liquidatedUser: fields.text(names.liquidatedUser) ?? users?.[0] ?? null,
    liquidatorUser: fields.text(names.liquidatorUser) ?? users?.[1] ?? null,
    account,
    direction: fields.text(names.direction),
    closedPnl: fields.decimal(names.closedPnl),
    markPrice: fields.optionalAmount(names.markPrice),
    details: fields.details(known),
  };
}

function fill(fields: RowFields, { symbol }: RowsContext) {
  fields.checkSymbol();
  return {
    symbol,
    eventTimeMs: fields.eventTime(),
    tradeId: fields.integer(names.tradeId),
    side: fields.side(),
    leg: 0,
    price: fields.amount(names.price),
    quantity: fields.amount(names.quantity),
    txHash: fields.text(names.txHash),
  };
}

interface Accounts {
  readonly account: string | null;
  /** Of two or more. */
  readonly users: readonly string[] | null;
}

function accounts(fields: RowFields): Accounts {
  const users = fields.value(['users']);
  const account = fields.text(names.account);
  if (users === undefined) return { account, users: null };
  if (!Array.isArray(users)) throw fields.wrong(['users'], 'a list of accounts');
  const texts = users.map((user) =>
    typeof user === 'string' ? user : fields.inner({ users: user }).requiredText(['users']),
  );
  if (texts.length > 1) return { account, users: texts };
  return { account: account ?? texts[0] ?? null, users: null };
}

function finalityOf({ venue, origin }: RowsContext): TradeMessage['finality'] {
  if (venue !== 'lighter' && venue !== 'rh_lighter') return null;
  return origin === 'live' || origin === 'recent' ? 'preliminary' : 'final';
}
