/** Rows of unconfirmed actions and of settled outcome markets. */
import type { Event, Origin } from '../../../model/event.ts';
import type { MempoolMessage, SettlementMessage } from '../messages.ts';

/** An action before it is in a block. Identified by its signature: the venue sends repeats. */
export function mempoolRow(message: MempoolMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    time_source: message.timeSource,
    signature: message.signature,
    symbols: message.symbols,
    action: message.action,
    nonce: message.nonce,
    vault_address: message.vaultAddress,
    expires_after_ms: message.expiresAfterMs,
    details: message.details,
  };
  const index = `${message.symbol}/${message.signature}`;
  return { dataset: 'mempool', index, row, timeMs: message.eventTimeMs };
}

/** The end of one side of an outcome. */
export function settlementRow(message: SettlementMessage, origin: Origin): Event {
  const { symbol, eventTimeMs, outcomeId, outcomeSide } = message;
  const row = {
    chain: origin.chain,
    symbol,
    event_time: eventTimeMs,
    time_source: message.timeSource,
    outcome_id: outcomeId,
    outcome_side: outcomeSide,
    is_winning_side: message.isWinningSide,
    settlement_value: message.settlementValue,
    details: message.details,
  };
  return { dataset: 'settlements', index: `${outcomeId}/${outcomeSide}`, row, timeMs: eventTimeMs };
}
