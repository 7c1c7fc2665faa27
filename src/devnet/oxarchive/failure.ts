/** Refusals of the service: the closed list of codes, and what is said of them. */

/** The codes of the reference. */
export const errorCodes = [
  'unauthorized',
  'forbidden',
  'insufficient_credits',
  'invalid_parameter',
  'invalid_symbol',
  'invalid_interval',
  'invalid_cursor',
  'invalid_time_range',
  'range_before_coverage',
  'historical_range_exceeded',
  'historical_depth_exceeded',
  'unsupported_for_venue',
  'endpoint_unsupported',
  'route_not_found',
  'conflict',
  'rate_limited',
  'upstream_unavailable',
  'internal_error',
  'slow_consumer',
] as const;

/** A code. */
export type ErrorCode = (typeof errorCodes)[number];

const statuses: ReadonlyMap<ErrorCode, number> = new Map([
  ['unauthorized', 401],
  ['insufficient_credits', 402],
  ['forbidden', 403],
  ['route_not_found', 404],
  ['rate_limited', 429],
  ['internal_error', 500],
  ['upstream_unavailable', 503],
]);

/** The HTTP status of a code. */
export function statusOf(code: ErrorCode): number {
  return statuses.get(code) ?? 400;
}

/** The code of an HTTP status. */
export function codeOf(status: number): ErrorCode {
  for (const [code, known] of statuses) if (known === status) return code;
  return status < 500 ? 'invalid_parameter' : 'internal_error';
}

/** A request that is refused, on the socket or by REST. */
export class Failure extends Error {
  readonly code: ErrorCode;
  /** The parameter that is wrong, for REST. */
  readonly param: string | undefined;

  constructor(code: ErrorCode, message: string, param?: string) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.param = param;
  }
}

/** The refusal that a fault asks for by its code; `upstream_unavailable` when it names none. */
export function simulatedFailure(text: string | undefined, message: string): Failure {
  const code = errorCodes.find((known) => known === text) ?? 'upstream_unavailable';
  return new Failure(code, message);
}

/** The refusal when the month's credits are spent. */
export function exhausted(): Failure {
  return new Failure('insufficient_credits', "The month's credits are spent.");
}
