/** What the words of a refused subscription mean for an operator. */
import type { ErrorCode } from '../../model/errors.ts';
import type { WireError } from './stream/frames.ts';

/** By either vocabulary of the documents (reference section 7). */
export function refusalCode({ code, message }: WireError): ErrorCode {
  if (/FORBIDDEN|PERMISSION|UNAUTH/.test(code)) return 'source.dataset_forbidden';
  // A bad request is either a dataset that is not known, or a filter.
  if (/NOT_FOUND/.test(code) || /dataset/i.test(message)) return 'source.dataset_unknown';
  return 'source.dataset_refused';
}
