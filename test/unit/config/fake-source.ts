/** A kind of source for configuration tests: options of every form, two datasets, no I/O. */
import type { Definitions } from '../../../src/config/source-schema.ts';
import type { SourceDefinition } from '../../../src/sources/source.ts';

export interface FakeOptions {
  readonly chain: string;
  readonly http: readonly string[];
  readonly apiKey: string | null;
  readonly start: string | number;
  readonly pollMs: number;
}

const unused = (): never => {
  throw new Error('Configuration tests do not connect.');
};

const fake: SourceDefinition<FakeOptions, never> = {
  kind: 'fake',
  config: {
    chain: { doc: 'Chain id.', format: String, default: null },
    http: { doc: 'Endpoints.', format: Array, default: [], sensitive: true },
    apiKey: { doc: 'Key.', format: String, default: null, nullable: true, sensitive: true },
    start: {
      doc: 'Where to start.',
      format: (value: unknown) => {
        if (value !== 'latest' && !Number.isInteger(value)) throw new Error('latest or a height');
      },
      default: 'latest',
    },
    pollMs: { doc: 'Poll interval.', format: 'nat', default: 1000 },
  },
  channels: {
    main: {
      subjects: ['evm/blocks', 'evm/logs'],
      accepts: () => true,
      normalize: () => [],
    },
  },
  chain: (options) => options.chain,
  validate: (options) =>
    options.http.length === 0 ? [{ path: 'http', message: 'is empty, expected an endpoint' }] : [],
  connect: unused,
  check: unused,
};

export const definitions: Definitions = { fake };
