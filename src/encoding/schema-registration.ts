/** Registers a source's schemas and watches that their ids keep meaning the same. */
import { FatalError } from '../model/errors.ts';
import type { AvroRecord } from './avro-schema.ts';
import { canonicalText } from './canonical-text.ts';
import { type CommonName, loadCommonSchema } from './common-schema.ts';
import type { Dataset } from './dataset.ts';
import { keySchema, primaryKeySchema, valueSchema } from './envelope.ts';
import type { RegistryClient } from './registry-client.ts';
import type { Route, SchemaIds } from './route.ts';

/** The two schemas of a topic. */
export interface TopicSchemas {
  readonly topic: string;
  readonly key: AvroRecord;
  readonly value: AvroRecord;
}

/** Schemas of a changelog topic. */
export function changelogSchemas(route: Route): TopicSchemas {
  return {
    topic: route.topic,
    key: keySchema(route.dataset),
    value: valueSchema(route.dataset, route.envelope),
  };
}

/** Schemas of a compacted table of a dataset. */
export function stateSchemas(topic: string, dataset: Dataset): TopicSchemas {
  return { topic, key: primaryKeySchema(dataset), value: valueSchema(dataset, 'upsert') };
}

/** Schemas of a topic with a dataset's final rows. */
export function finalSchemas(topic: string, dataset: Dataset): TopicSchemas {
  return { topic, key: keySchema(dataset), value: valueSchema(dataset, 'upsert') };
}

/** Schemas of a control, checkpoint or dead-letter topic. */
export function commonSchemas(name: CommonName, topic: string): TopicSchemas {
  return { topic, ...loadCommonSchema(name) };
}

/** What `verify` found: every id means what it meant, or the registry had lost these subjects. */
export type Verification =
  | { readonly kind: 'intact' }
  | { readonly kind: 'healed'; readonly subjects: readonly string[] };

interface Registered {
  readonly subject: string;
  readonly text: string;
  readonly id: number;
}

/** The registered schemas of one process. `register` comes first. */
export class SchemaRegistration {
  readonly #client: RegistryClient;
  readonly #topics: readonly TopicSchemas[];
  #registered: readonly Registered[] = [];
  #next = 0;

  constructor(client: RegistryClient, topics: readonly TopicSchemas[]) {
    this.#client = client;
    this.#topics = topics;
  }

  /**
   * Registers every subject, in the order of their names, and demands full compatibility of what
   * follows. Idempotent. Gives the ids by topic. Throws what the registry client throws.
   */
  async register(): Promise<ReadonlyMap<string, SchemaIds>> {
    const registered: Registered[] = [];
    for (const { subject, text } of subjectsOf(this.#topics)) {
      registered.push({ subject, text, id: await this.#client.register(subject, text) });
    }
    await Promise.all(
      registered.map(({ subject }) => this.#client.setCompatibility(subject, 'FULL_TRANSITIVE')),
    );
    this.#registered = registered;
    const ids = new Map(registered.map(({ subject, id }) => [subject, id]));
    return new Map(
      this.#topics.map(({ topic }) => [
        topic,
        { key: ids.get(`${topic}-key`) ?? -1, value: ids.get(`${topic}-value`) ?? -1 },
      ]),
    );
  }

  /**
   * Text of the schema that a value of the topic was written with. Remembered, so that `verify`
   * covers it too. Throws `registry.unknown_schema_id`.
   */
  async textOf(id: number, topic: string): Promise<string> {
    const text = await this.#client.byId(id);
    if (!this.#registered.some((known) => known.id === id)) {
      this.#registered = [...this.#registered, { subject: `${topic}-value`, text, id }];
    }
    return text;
  }

  /**
   * Asks the registry for one id, the next one at each call, and for all of them when something is
   * wrong with it: a registry that was restarted empty is noticed at the first call. Throws what
   * `verify` throws.
   */
  async verifyNext(): Promise<Verification> {
    const known = this.#registered[this.#next % Math.max(1, this.#registered.length)];
    this.#next += 1;
    if (known === undefined) return { kind: 'intact' };
    const text = await this.#client.fetchById(known.id);
    const isIntact = text !== undefined && isSameSchema(text, known.text);
    return isIntact ? { kind: 'intact' } : this.verify();
  }

  /**
   * Asks the registry again for every id. What it has lost is registered again, in the order that
   * makes a registry that was restarted empty give the same ids. Throws
   * `registry.ids_changed` when an id means something else: nothing must be written then.
   */
  async verify(): Promise<Verification> {
    const lost: Registered[] = [];
    for (const known of this.#registered) {
      const text = await this.#client.fetchById(known.id);
      if (text === undefined) lost.push(known);
      else if (!isSameSchema(text, known.text)) throw idsChanged(known, 'is another schema now');
    }
    for (const known of healingOrder(lost)) {
      const id = await this.#client.register(known.subject, known.text);
      if (id !== known.id) throw idsChanged(known, `is gone, and registering gave id ${id}`);
      await this.#client.setCompatibility(known.subject, 'FULL_TRANSITIVE');
    }
    if (lost.length === 0) return { kind: 'intact' };
    return { kind: 'healed', subjects: lost.map(({ subject }) => subject) };
  }
}

/**
 * Ascending ids. Of several subjects with one id the later ones come where the ids have a gap:
 * Apicurio uses a number up when it meets a known schema under a new subject, others do not.
 */
function healingOrder(lost: readonly Registered[]): readonly Registered[] {
  const repeats: Registered[] = [];
  const order: Registered[] = [];
  let nextId = 1;
  for (const each of [...lost].sort((a, b) => a.id - b.id)) {
    if (each.id < nextId) {
      repeats.push(each);
      continue;
    }
    while (nextId < each.id && repeats.length > 0) {
      order.push(...repeats.splice(0, 1));
      nextId += 1;
    }
    order.push(each);
    nextId = each.id + 1;
  }
  return [...order, ...repeats];
}

/** Subjects and texts of topics, in the order they are registered in. */
export function subjectsOf(
  topics: readonly TopicSchemas[],
): readonly { readonly subject: string; readonly text: string }[] {
  return topics
    .flatMap(({ topic, key, value }) => [
      { subject: `${topic}-key`, text: canonicalText(key) },
      { subject: `${topic}-value`, text: canonicalText(value) },
    ])
    .sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** A registry may give the text back with other spacing; it says the same. */
function isSameSchema(a: string, b: string): boolean {
  return a === b || compact(a) === compact(b);
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

function idsChanged({ subject, id }: Registered, what: string): FatalError {
  return new FatalError('registry.ids_changed', {
    stage: 'encoding',
    message: `Schema id ${id} of subject ${subject} ${what}. Records in Kafka carry that id, so they can no longer be read: restore the registry's data, or point registry.url to the registry they were written with.`,
    context: { subject, schemaId: id },
  });
}
