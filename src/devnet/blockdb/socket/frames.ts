/** The frames of the stream, members in the order of the documents. */
import type { Item } from '../../simulator/json.ts';
import type { Profile } from '../profile.ts';

/** The error object of an acknowledgement. */
export interface StreamError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly details?: Item;
}

const docsUrl = 'https://docs.blockdb.io/wss-reference/overview/errors';

/** What a client asked to do, as the acknowledgement echoes it. */
export interface Echo {
  readonly action: unknown;
  readonly chain_id: unknown;
  readonly dataset_id: unknown;
}

/** An acknowledgement. */
export function ackFrame(echo: Echo, error?: StreamError): string {
  if (error === undefined) return JSON.stringify({ ...echo, status: 'success' });
  return JSON.stringify({ ...echo, status: 'error', error: errorObject(error) });
}

/** An error of the connection, without a target. */
export function errorFrame(error: StreamError): string {
  return JSON.stringify({ error: errorObject(error) });
}

/** An update. Where it is flagged is the profile's matter. */
export function updateItem(
  update: { readonly chainId: number; readonly wireId: string; readonly isReorg: boolean },
  data: Item,
  place: Profile['reorgFlag'],
): Item {
  const { chainId, wireId, isReorg } = update;
  const isOnEnvelope = place === 'envelope' || place === 'both';
  const isInside = place === 'data' || place === 'both';
  return {
    chain_id: chainId,
    dataset_id: wireId,
    ...(isOnEnvelope ? { is_reorg: isReorg } : {}),
    data: isInside ? { ...data, _is_reorg: isReorg } : data,
  };
}

function errorObject({ code, message, hint, retryable = false, details }: StreamError): Item {
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    severity: 'error',
    retryable,
    ...(details === undefined ? {} : { details }),
    docs_url: docsUrl,
  };
}
