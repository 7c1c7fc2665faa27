/** Asks the registry what registering a schema would do, without doing it. */
import type { RegistryConfig } from '../config/config.ts';
import { FatalError, TransientError } from '../model/errors.ts';
import { registryFetch } from './registry-fetch.ts';

/** `same`: registered already. `new`: no version yet. The others: what the newest version allows. */
export type SchemaVerdict = 'same' | 'new' | 'compatible' | 'incompatible';

const subjectNotFound = 40401;

/** One question per subject. Throws `registry.unreachable` or `registry.not_authorized`. */
export async function probeSchema(
  registry: RegistryConfig,
  subject: string,
  text: string,
): Promise<SchemaVerdict> {
  const name = encodeURIComponent(subject);
  const body = JSON.stringify({ schema: text });
  const known = await ask(registry, `/subjects/${name}`, body);
  if (known.status === 200) return 'same';
  const { error_code: reason } = known.body as { error_code?: number };
  if (reason === subjectNotFound) return 'new';
  const compatibility = await ask(
    registry,
    `/compatibility/subjects/${name}/versions/latest`,
    body,
  );
  if (compatibility.status === 404) return 'new';
  const { is_compatible: isCompatible } = compatibility.body as { is_compatible?: boolean };
  return isCompatible === true ? 'compatible' : 'incompatible';
}

async function ask(
  { url, auth, ca, timeoutMs }: RegistryConfig,
  path: string,
  body: string,
): Promise<{ status: number; body: unknown }> {
  const token = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  const call = ca === null ? fetch : registryFetch(ca);
  const type = 'application/vnd.schemaregistry.v1+json';
  let response: Response;
  try {
    response = await call(url.replace(/\/+$/, '') + path, {
      method: 'POST',
      headers: {
        accept: type,
        'content-type': type,
        ...(token === null ? {} : { authorization: `Basic ${token}` }),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = { status: response.status, body: (await response.json()) as unknown };
    if (answer.status === 401 || answer.status === 403) throw refused(url, answer.status);
    if (answer.status === 200 || answer.status === 404 || answer.status === 409) return answer;
    throw new Error(`HTTP ${answer.status}`);
  } catch (cause) {
    if (cause instanceof FatalError) throw cause;
    throw new TransientError('registry.unreachable', {
      stage: 'cli',
      message: `The schema registry at ${url} did not answer ${path}. Check registry.url and that the registry runs.`,
      cause,
      context: { url },
    });
  }
}

function refused(url: string, status: number): FatalError {
  return new FatalError('registry.not_authorized', {
    stage: 'cli',
    message: `The schema registry at ${url} refused (HTTP ${status}). Check registry.auth.`,
    context: { url, status },
  });
}
