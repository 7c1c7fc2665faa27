/** A client of a schema registry with the Confluent API. Knows HTTP, not what is registered. */
import { FatalError, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';

export interface RegistryClientOptions {
  /** Base of the API; it may have a path. */
  readonly url: string;
  readonly auth: { readonly username: string; readonly password: string } | null;
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  /** Delay before the second attempt; doubles with each, with jitter. */
  readonly retryDelayMs: number;
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** Another way to fetch (own certificates); the runtime's own when absent. */
  readonly fetch?: typeof fetch;
}

/** Compatibility levels of the Confluent API that ommer sets. */
export type Compatibility = 'FULL_TRANSITIVE';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

const mediaType = 'application/vnd.schemaregistry.v1+json';

/**
 * Every method throws `registry.unreachable` (transient, after all attempts) or
 * `registry.not_authorized`. Credentials never appear in messages.
 */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #texts = new Map<number, string>();

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, '');
    const { auth } = options;
    const token = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
    this.#headers = {
      accept: mediaType,
      'content-type': mediaType,
      ...(token === null ? {} : { authorization: `Basic ${token}` }),
    };
  }

  /**
   * Id of the schema under the subject, registered if need be. Idempotent. Throws
   * `registry.incompatible_schema` with the registry's reason.
   */
  async register(subject: string, text: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#call({ method: 'POST', path, body: { schema: text } });
    if (answer.status === 409) throw this.#incompatible(subject, answer);
    return numberOf(this.#expectOk(answer, path), 'id');
  }

  /** Text of a schema, asked once. Throws `registry.unknown_schema_id` when there is none. */
  async byId(id: number): Promise<string> {
    const text = this.#texts.get(id) ?? (await this.fetchById(id));
    if (text === undefined) throw this.#unknownId(id);
    this.#texts.set(id, text);
    return text;
  }

  /** Text of a schema as the registry has it now; undefined when it has none. */
  async fetchById(id: number): Promise<string | undefined> {
    const path = `/schemas/ids/${id}`;
    const answer = await this.#call({ method: 'GET', path });
    if (answer.status === 404) return undefined;
    return stringOf(this.#expectOk(answer, path), 'schema');
  }

  /** Sets what changes of the subject the registry accepts. Idempotent. */
  async setCompatibility(subject: string, compatibility: Compatibility): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    this.#expectOk(await this.#call({ method: 'PUT', path, body: { compatibility } }), path);
  }

  /** All subjects. */
  async subjects(): Promise<readonly string[]> {
    return listOf(
      this.#expectOk(await this.#call({ method: 'GET', path: '/subjects' }), '/subjects'),
    );
  }

  /** Version numbers of a subject, ascending; empty for an unknown one. */
  async versions(subject: string): Promise<readonly number[]> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#call({ method: 'GET', path });
    return answer.status === 404 ? [] : listOf(this.#expectOk(answer, path));
  }

  async #call(call: Call): Promise<Answer> {
    const { attemptsMax, retryDelayMs, clock, random } = this.#options;
    let problem: unknown;
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      if (attempt > 1) await clock.sleep(retryDelayMs * 2 ** (attempt - 2) * (0.5 + random()));
      try {
        const answer = await this.#attempt(call);
        if (answer.status < 500 && answer.status !== 429) return this.#authorized(answer);
        problem = new Error(`HTTP ${answer.status} ${reasonOf(answer)}`);
      } catch (cause) {
        if (cause instanceof FatalError) throw cause;
        problem = cause;
      }
    }
    throw new TransientError('registry.unreachable', {
      stage: 'encoding',
      message: `The schema registry at ${this.#base} did not answer ${call.method} ${call.path} in ${attemptsMax} attempts: ${describe(problem)}. Check registry.url and that the registry runs.`,
      cause: problem,
      context: { url: this.#base, attempts: attemptsMax },
    });
  }

  async #attempt({ method, path, body }: Call): Promise<Answer> {
    const response = await (this.#options.fetch ?? fetch)(`${this.#base}${path}`, {
      method,
      headers: this.#headers,
      signal: AbortSignal.timeout(this.#options.timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parseJson(text) };
  }

  #authorized(answer: Answer): Answer {
    if (answer.status !== 401 && answer.status !== 403) return answer;
    throw new FatalError('registry.not_authorized', {
      stage: 'encoding',
      message: `The schema registry at ${this.#base} refused (HTTP ${answer.status}). Check registry.auth: ommer reads and registers schemas and sets their compatibility.`,
      context: { url: this.#base, status: answer.status },
    });
  }

  #expectOk(answer: Answer, path: string): unknown {
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new FatalError('registry.unreachable', {
      stage: 'encoding',
      message: `The schema registry at ${this.#base} answered ${path} with HTTP ${answer.status} ${reasonOf(answer)}. Check that registry.url is the base of a Confluent-compatible API.`,
      context: { url: this.#base, status: answer.status },
    });
  }

  #incompatible(subject: string, answer: Answer): FatalError {
    return new FatalError('registry.incompatible_schema', {
      stage: 'encoding',
      message: `Subject ${subject} already has a schema that this one is not compatible with: ${reasonOf(answer)}. Run the version of ommer that fits the topic, or write to new topics (topics.prefix).`,
      context: { subject },
    });
  }

  #unknownId(id: number): FatalError {
    return new FatalError('registry.unknown_schema_id', {
      stage: 'encoding',
      message: `The schema registry at ${this.#base} does not know schema id ${id}, which records in Kafka carry. Point registry.url to the registry they were written with, or restore its data.`,
      context: { url: this.#base, schemaId: id },
    });
  }
}

const reasonCharactersMax = 500;

function reasonOf(answer: Answer): string {
  const { body } = answer;
  const message =
    typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  return message.slice(0, reasonCharactersMax);
}

function describe(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  const { cause } = problem;
  return cause instanceof Error ? `${problem.message} (${cause.message})` : problem.message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function numberOf(body: unknown, name: string): number {
  const value = memberOf(body, name);
  if (typeof value === 'number') return value;
  throw unexpected(name, 'a number');
}

function stringOf(body: unknown, name: string): string {
  const value = memberOf(body, name);
  if (typeof value === 'string') return value;
  throw unexpected(name, 'a text');
}

function listOf<T>(body: unknown): readonly T[] {
  if (Array.isArray(body)) return body;
  throw unexpected('its list', 'a list');
}

function memberOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return (body as Readonly<Record<string, unknown>>)[name];
}

function unexpected(name: string, expected: string): FatalError {
  return new FatalError('registry.unreachable', {
    stage: 'encoding',
    message: `The schema registry answered without ${name} as ${expected}. Check that registry.url is the base of a Confluent-compatible API.`,
    context: { member: name },
  });
}
