/** What a client sends: subscribe and unsubscribe, checked in the order in which the server refuses. */
import { type Item, isItem } from '../../simulator/json.ts';
import { includes, type KeyPlan } from '../access.ts';
import { type DatasetId, datasetNamed } from '../chain/datasets.ts';
import { type InvalidParameter, invalidParameters } from '../chain/parameters.ts';
import type { Profile } from '../profile.ts';
import type { Shape } from '../shape.ts';
import type { Echo, StreamError } from './frames.ts';

/** A request that can be carried out. */
export interface StreamRequest {
  readonly action: 'subscribe' | 'unsubscribe';
  readonly dataset: DatasetId;
  readonly params: Item;
}

/** A request, or why it is refused. */
export type Checked =
  | { readonly echo: Echo; readonly request: StreamRequest }
  | { readonly echo?: Echo; readonly error: StreamError };

/** What requests are checked against. */
export interface RequestRules {
  readonly chainId: number;
  readonly shape: Shape;
  readonly profile: Profile;
}

const listMax = 1000;

/** Checks a frame of a client. */
export function checkRequest(text: string, plan: KeyPlan, rules: RequestRules): Checked {
  const frame = parse(text);
  if (!isItem(frame)) return { error: badRequest('The frame is not a JSON object.') };
  const { action, chain_id, dataset_id, params = {} } = frame;
  const echo = { action, chain_id, dataset_id };
  const refuse = (error: StreamError): Checked => ({ echo, error });
  if (action !== 'subscribe' && action !== 'unsubscribe') {
    return refuse(invalid('Unknown action', [{ name: 'action', reason: 'invalid_value' }]));
  }
  if (chain_id !== rules.chainId) {
    return refuse(invalid('Unknown chain', [{ name: 'chain_id', reason: 'invalid_value' }]));
  }
  const dataset = typeof dataset_id === 'string' ? rules.shape.datasetOf(dataset_id) : undefined;
  if (dataset === undefined) {
    return refuse(invalid('Unknown dataset', [{ name: 'dataset_id', reason: 'invalid_value' }]));
  }
  if (!includes(plan, dataset)) {
    return refuse({ code: 'FORBIDDEN', message: 'The plan does not include this dataset' });
  }
  if (!isItem(params)) {
    return refuse(invalid('Invalid parameter', [{ name: 'params', reason: 'invalid_type' }]));
  }
  const wrong = action === 'subscribe' ? wrongParameters(dataset, params, rules) : [];
  if (wrong.length > 0) return refuse(invalid('Invalid parameter', wrong));
  return { echo, request: { action, dataset, params } };
}

/** The error of a request that cannot be understood. */
export function badRequest(message: string): StreamError {
  return { code: 'BAD_REQUEST', message };
}

function wrongParameters(
  dataset: DatasetId,
  params: Item,
  { profile }: RequestRules,
): readonly InvalidParameter[] {
  return invalidParameters(params, {
    filters: datasetNamed(dataset).streamFilters,
    prefix: 'params.',
    refusesUnknown: profile.unknownParameters === 'refuse',
    listMax,
  });
}

function invalid(message: string, wrong: readonly InvalidParameter[]): StreamError {
  const isFormat = wrong.some(({ reason }) => reason === 'invalid_format');
  return {
    ...badRequest(message),
    ...(isFormat ? { hint: 'Use 20-byte hex without 0x' } : {}),
    details: { invalid_parameters: wrong.map((one) => ({ ...one })) },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
