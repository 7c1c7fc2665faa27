/** What the words of a refusal mean for an operator, and for the session (reference section 5.5). */
import type { ErrorCode } from '../../model/errors.ts';

/**
 * What is to be done after a refusal:
 *
 * - `retry`: the same command may be sent again, after a pause.
 * - `give_up`: this one is not sent again; the others go on.
 * - `end`: the session cannot go on; the key or the plan is refused.
 * - `note`: it is about no command.
 */
export type Response = 'retry' | 'give_up' | 'end' | 'note';

export interface Refusal {
  readonly code: ErrorCode;
  readonly response: Response;
  /** What to do. */
  readonly advice: string;
}

const keyRefused: Refusal = {
  code: 'source.key_refused',
  response: 'end',
  advice: 'Check apiKey, its plan, and whether it has expired.',
};
const passes: Refusal = {
  code: 'source.request_failed',
  response: 'retry',
  advice: 'It is tried again.',
};
const wrongRequest: Refusal = {
  code: 'source.request_failed',
  response: 'give_up',
  advice: 'Check markets and options against the list of channels and symbols.',
};
const outsideOfPlan: Refusal = {
  code: 'source.plan_limit',
  response: 'give_up',
  advice: 'The plan does not reach so far: use another plan, or ask for less.',
};

const refusals: Readonly<Record<string, Refusal>> = {
  unauthorized: keyRefused,
  oauth_not_permitted: keyRefused,
  api_key_limit_reached: keyRefused,
  forbidden: {
    code: 'source.dataset_forbidden',
    response: 'give_up',
    advice:
      'The plan does not include it, or has no more subscriptions: leave it out, or use another plan.',
  },
  insufficient_credits: {
    code: 'source.credits_spent',
    response: 'end',
    advice: "The month's credits are spent: buy more, or subscribe to less.",
  },
  invalid_symbol: {
    code: 'market.unknown',
    response: 'give_up',
    advice: 'Check how the venue writes the symbol; it may also be delisted.',
  },
  not_found: {
    code: 'market.unknown',
    response: 'give_up',
    advice: 'Check how the venue writes the symbol; it may also be delisted.',
  },
  unsupported_for_venue: {
    code: 'source.unsupported',
    response: 'give_up',
    advice: 'The venue has no such feed: leave the dataset out.',
  },
  endpoint_unsupported: {
    code: 'source.unsupported',
    response: 'give_up',
    advice: 'This address does not serve it: check ws and streamWs.',
  },
  range_before_coverage: { ...wrongRequest, advice: 'The archive begins later.' },
  historical_range_exceeded: outsideOfPlan,
  historical_depth_exceeded: outsideOfPlan,
  rate_limited: { ...passes, code: 'source.rate_limited' },
  upstream_unavailable: passes,
  internal_error: passes,
  conflict: passes,
  slow_consumer: { ...passes, response: 'note' },
};

/** By the server's word; by the HTTP status where the word is not known. */
export function refusalOf(word: string | null, status?: number): Refusal {
  const known = word !== null && Object.hasOwn(refusals, word) ? refusals[word] : undefined;
  if (known !== undefined) return known;
  if (status === 403) return refusals['forbidden'] ?? wrongRequest;
  return status === 404 ? (refusals['not_found'] ?? wrongRequest) : wrongRequest;
}
