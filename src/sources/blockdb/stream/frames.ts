/** What a text frame of BlockDB says (reference section 4), checked no further than its envelope. */

import { parseExactJson } from '../../decimal.ts';
import type { WireFields } from '../messages.ts';

/** An error as an acknowledgement or a frame of its own has it. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly isRetryable: boolean;
}

/**
 * - `row`: one row of an update.
 * - `answer`: to a subscription, which was accepted where `error` is null.
 * - `error`: of the connection, about nothing in particular.
 * - `unknown`: none of these.
 */
export type StreamMessage =
  | {
      readonly kind: 'row';
      readonly chainId: number;
      readonly datasetId: string;
      readonly isCorrection: boolean;
      readonly data: WireFields;
    }
  | {
      readonly kind: 'answer';
      readonly action: string;
      readonly chainId: number;
      readonly datasetId: string;
      readonly error: WireError | null;
    }
  | { readonly kind: 'error'; readonly error: WireError }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * The messages of a frame, in order. Several in one frame, or several rows in one update, are
 * documented nowhere and taken all the same.
 */
export function parseFrame(text: string): readonly StreamMessage[] {
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch {
    return [{ kind: 'unknown', reason: 'is not JSON' }];
  }
  return Array.isArray(value) ? value.flatMap(messagesOf) : messagesOf(value);
}

function messagesOf(value: unknown): readonly StreamMessage[] {
  if (!isObject(value)) return [{ kind: 'unknown', reason: 'is no JSON object' }];
  const { data, dataset_id: datasetId, action, status, error } = value;
  const chainId = Number(value['chain_id']);
  if (data !== undefined && typeof datasetId === 'string') {
    const rows: readonly unknown[] = Array.isArray(data) ? data : [data];
    return rows.map((row) => rowOf(row, { chainId, datasetId, flag: value['is_reorg'] }));
  }
  if (typeof action === 'string' && typeof datasetId === 'string' && status !== undefined) {
    const refusal = status === 'success' ? null : errorOf(error);
    return [{ kind: 'answer', action, chainId, datasetId, error: refusal }];
  }
  if (error !== undefined) return [{ kind: 'error', error: errorOf(error) }];
  return [{ kind: 'unknown', reason: 'is neither an update, an acknowledgement nor an error' }];
}

/** Either flag counts: which of the two the server sets is not known (reference section 8.2). */
function rowOf(
  data: unknown,
  update: { readonly chainId: number; readonly datasetId: string; readonly flag: unknown },
): StreamMessage {
  if (!isObject(data)) return { kind: 'unknown', reason: 'is an update whose data is no object' };
  const { chainId, datasetId, flag } = update;
  const isCorrection = flag === true || data['_is_reorg'] === true;
  return { kind: 'row', chainId, datasetId, isCorrection, data };
}

/** Codes of either vocabulary that a later try may mend, where the error does not say so itself. */
const passing = /RATE_LIMIT|UNAVAILABLE|INTERNAL/;

/** Also of REST; both vocabularies have these members. Text alone is a message. */
export function errorOf(value: unknown): WireError {
  const { code, message, retryable } = isObject(value) ? value : { message: value };
  const word = typeof code === 'string' ? code : 'unknown';
  return {
    code: word,
    message: typeof message === 'string' ? message.slice(0, 300) : 'no message',
    isRetryable: typeof retryable === 'boolean' ? retryable : passing.test(word),
  };
}

/** A JSON object. */
export function isObject(value: unknown): value is WireFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
