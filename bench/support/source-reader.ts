/** What follows a source, up to the encoded row: continuity, normalization, encoding. No Kafka. */
import { CanonicalChain } from '../../src/continuity/canonical-chain.ts';
import { ByteWriter } from '../../src/encoding/byte-writer.ts';
import { loadDataset } from '../../src/encoding/dataset.ts';
import { RowEncoder } from '../../src/encoding/row-encoder.ts';
import { systemClock } from '../../src/model/system-clock.ts';
import type { BlockUpdate } from '../../src/model/update.ts';
import { createNormalizer } from '../../src/normalization/normalizer.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import type { SourceDefinition } from '../../src/sources/source.ts';
import type { FrameTap } from '../../src/transport/frame-tap.ts';
import { benchLogger } from './stage.ts';

/** Which source, and what of it. */
export interface ReaderOptions<C, M> {
  readonly definition: SourceDefinition<C, M>;
  readonly config: C;
  readonly datasets: ReadonlySet<string>;
  readonly onFrame?: FrameTap;
}

/** Rows of a block, after it was encoded, and when the source had reported it. */
export type IsLast<M> = (
  update: BlockUpdate<M>,
  read: { readonly rows: number; readonly reportedAtUs: number },
) => boolean;

/** Reads from the source's start until `isLast` says so. The venue must have one branch only. */
export async function readSource<C, M>(
  { definition, config, datasets, onFrame }: ReaderOptions<C, M>,
  isLast: IsLast<M>,
): Promise<void> {
  const id = definition.chain(config);
  const chain = new CanonicalChain(id);
  const encode = rowsOf(definition, id, datasets);
  const stop = new AbortController();
  const source = definition.connect(config, datasets, {
    ...{ name: 'bench', clock: systemClock, logger: benchLogger, onFrame },
    metrics: createMetrics(),
    random: Math.random,
    canonicalHash: (height) => chain.hashAt(height),
    finalizedHeight: () => chain.finalized?.height,
  });
  for await (const update of source.updates(null, stop.signal)) {
    if (update.kind === 'finalized') chain.finalize(update.block);
    if (update.kind === 'fork') throw new Error('The venue has one branch only.');
    if (update.kind !== 'block') continue;
    const reportedAtUs = systemClock.nowUs();
    chain.apply(update.header);
    if (isLast(update, { rows: encode(update), reportedAtUs })) stop.abort();
  }
}

/** Encodes the rows of a block and tells how many they were. */
function rowsOf<C, M>(
  { kind, channels }: SourceDefinition<C, M>,
  chain: string,
  datasets: ReadonlySet<string>,
): (update: BlockUpdate<M>) => number {
  const normalize = createNormalizer(channels, datasets);
  const out = new ByteWriter();
  const encoders = new Map(
    [...datasets].map((name) => [name, new RowEncoder(loadDataset(`${kind}/${name}`))]),
  );
  return ({ header, messages, isBackfill, receivedAtUs }) => {
    const block = { height: header.height, blockHash: header.hash, blockTimeMs: header.timeMs };
    const origin = { chain, source: 'bench', ...block, isBackfill, receivedAtUs };
    const events = normalize(messages, origin, (error) => {
      throw error;
    });
    for (const { dataset, row } of events) {
      out.begin();
      encoders.get(dataset)?.encode(row, out);
    }
    return events.length;
  };
}
