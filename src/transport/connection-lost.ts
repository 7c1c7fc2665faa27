/** How the connections of this directory say that they ended. */
import { TransientError } from '../model/errors.ts';

/**
 * `how` continues a sentence that begins with the connection: `closed with code 1006`. What comes next
 * is the caller's to say: a run opens a new session, a check does not.
 */
export function connectionLost(
  origin: string,
  how: string,
  why: { readonly isTooLarge?: boolean; readonly closeCode?: number | undefined } = {},
): TransientError {
  const { isTooLarge = false, closeCode } = why;
  return new TransientError(isTooLarge ? 'transport.frame_too_large' : 'source.session_lost', {
    stage: 'transport',
    message: `The connection to ${origin} ${how}.`,
    context: { origin, ...(closeCode === undefined ? {} : { closeCode }) },
  });
}

/** True for what `ws` gives when a message is over the limit. */
export function isMessageTooLarge(cause: Error | undefined): boolean {
  return (
    cause !== undefined && 'code' in cause && cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  );
}
