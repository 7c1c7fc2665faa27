/** Bearer tokens for SASL OAUTHBEARER, by the client-credentials grant of OAuth 2. */
import { FatalError, TransientError } from '../model/errors.ts';
import type { OAuthSettings } from './settings.ts';

const timeoutMs = 5_000;

/**
 * A fresh token. Throws `kafka.not_authorized` when the issuer refuses, `kafka.unreachable` when it
 * does not answer. The secret is in the request's header and nowhere else.
 */
export async function requestToken(settings: OAuthSettings): Promise<string> {
  const { tokenUrl, clientId, clientSecret, scope } = settings;
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === null ? {} : { scope }),
    }).toString(),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new TransientError('kafka.unreachable', {
      stage: 'publishing',
      message: `The token issuer at ${tokenUrl} does not answer. Check kafka.sasl.tokenUrl.`,
      cause,
    });
  });
  const answer: unknown = await response.json().catch(() => null);
  const token =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'access_token') : undefined;
  if (response.ok && typeof token === 'string') return token;
  throw new FatalError('kafka.not_authorized', {
    stage: 'publishing',
    message: `The token issuer at ${tokenUrl} answered ${response.status} without a token for client "${clientId}". Check kafka.sasl: clientId, clientSecret and scope.`,
    context: { status: response.status },
  });
}
