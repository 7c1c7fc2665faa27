/** Error answers of the REST side, in the vocabulary of the newer or of the older pages. */
import type { Item } from '../../simulator/json.ts';
import type { RestProfile } from '../profile.ts';

const codes: Readonly<Record<number, readonly [newer: string, older: string]>> = {
  400: ['BAD_REQUEST', 'INVALID_ARGUMENT'],
  401: ['UNAUTHORIZED', 'UNAUTHENTICATED'],
  403: ['FORBIDDEN', 'PERMISSION_DENIED'],
  404: ['NOT_FOUND', 'NOT_FOUND'],
  409: ['CONFLICT', 'CONFLICT'],
  413: ['PAYLOAD_TOO_LARGE', 'INVALID_ARGUMENT'],
  429: ['RATE_LIMIT_EXCEEDED', 'RATE_LIMITED'],
  500: ['INTERNAL_SERVER_ERROR', 'INTERNAL'],
  503: ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE'],
};
const docsUrl = 'https://docs.blockdb.io/api-reference/overview/error-codes';

/** An answer other than 200. */
export class RestError extends Error {
  readonly status: number;
  readonly details: Item;

  constructor(status: number, message: string, details: Item = {}) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.details = details;
  }

  /** Seconds of `Retry-After`; undefined where none belongs. */
  get retryAfterSeconds(): number | undefined {
    const seconds = this.details['retry_after_seconds'];
    return typeof seconds === 'number' ? seconds : undefined;
  }

  /** The body of the answer. */
  body(vocabulary: RestProfile['errors']): Item {
    const { status, message, details } = this;
    const [newer, older] = codes[status] ?? ['INTERNAL_SERVER_ERROR', 'INTERNAL'];
    if (vocabulary === 'older') {
      return { error: { code: older, message, details, request_id: 'simulated' } };
    }
    return {
      error: {
        code: newer,
        http_status: status,
        message,
        hint: null,
        severity: 'error',
        retryable: status === 429 || status >= 500,
        details,
        docs_url: docsUrl,
        ...(status === 500 ? { incident_id: 'simulated' } : {}),
      },
    };
  }
}
