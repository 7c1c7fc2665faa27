/** Sorts the errors that JSON-RPC nodes and providers give by what the caller can do about them. */

/** The error member of a JSON-RPC answer. */
export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
}

/**
 * - `rate_limited`: wait, then ask again.
 * - `too_large`: ask for less at once.
 * - `unsupported`: this node does not offer the method.
 * - `other`: the caller knows what it means for its own method.
 */
export type RpcErrorClass = 'rate_limited' | 'too_large' | 'unsupported' | 'other';

const rateLimitCodes = new Set([-32005, -32016, 429]);
const rateLimitText =
  /rate.?limit|too many requests|request limit|daily limit|capacity|throttl|credits/i;
const tooLargeText =
  /batch (is |size |limit )?.*(too large|exceed|limit)|too many (items|requests in batch)|response (is |size )?.*(too large|exceed)|batch.*not (supported|allowed)/i;
const unsupportedText =
  /method (.{0,60} )?(not found|not supported|not available|not allowed|does not exist|is not)|not (implemented|supported)|unsupported method|does not exist\/is not available|is not whitelisted|\b(debug|eth|trace)_\w+ is (not|only) (allowed|available|enabled)/i;

/** Providers reuse codes for different things, so size and method texts are looked at first. */
export function classifyRpcError(error: JsonRpcError): RpcErrorClass {
  if (error.code === -32601) return 'unsupported';
  if (error.code === -32003 || tooLargeText.test(error.message)) return 'too_large';
  if (unsupportedText.test(error.message)) return 'unsupported';
  if (rateLimitCodes.has(error.code) || rateLimitText.test(error.message)) return 'rate_limited';
  return 'other';
}

/** Reads the error member of an answer; undefined when it has none. */
export function readRpcError(answer: object): JsonRpcError | undefined {
  if (!('error' in answer) || answer.error === null || answer.error === undefined) return undefined;
  const { error } = answer;
  if (typeof error !== 'object') return { code: 0, message: String(error) };
  return {
    code: 'code' in error && typeof error.code === 'number' ? error.code : 0,
    message: 'message' in error && typeof error.message === 'string' ? error.message : '',
  };
}
