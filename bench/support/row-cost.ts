/** What rows cost without any I/O: CPU per row of a step, and the encoder that a source would have. */
import { encoderRoutes } from '../../src/cli/compose/encoder-routes.ts';
import { ChangelogEncoder } from '../../src/encoding/changelog-encoder.ts';
import { PartitionTable } from '../../src/encoding/partition-table.ts';
import type { Event, Origin } from '../../src/model/event.ts';
import type { BlockUpdate } from '../../src/model/update.ts';
import type { Stage } from './stage.ts';
import { median } from './statistics.ts';

/**
 * Median of the microseconds of this process's CPU per row over many rounds, garbage collection
 * included; the first quarter warms up.
 */
export function cpuUsPerRow(seconds: number, rows: number, round: () => void): number {
  const costs: number[] = [];
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs || costs.length < 8) {
    const before = process.cpuUsage();
    round();
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / rows);
  }
  return median(costs.slice(costs.length >> 2));
}

/** Bytes of the changelog's records of these rows. */
export function encodedBytes(
  encoder: ChangelogEncoder,
  events: readonly Event[],
  origin: Origin,
): number {
  const context = { incarnation: 1, publishedAtUs: 1_700_000_000_000_000 };
  let bytes = 0;
  for (const event of events) {
    for (const { key, value } of encoder.insert(event, origin, context)) {
      bytes += key.length + value.length;
    }
  }
  return bytes;
}

/** Where the rows of a block come from. */
export function originOf(
  stage: Stage,
  { header, isBackfill, receivedAtUs }: Omit<BlockUpdate<unknown>, 'kind' | 'messages'>,
): Origin {
  const { chain, name } = stage.source;
  return {
    chain,
    source: name,
    height: header.height,
    blockHash: header.hash,
    blockTimeMs: header.timeMs,
    isBackfill,
    receivedAtUs,
  };
}

/** The encoder of the stage's source. */
export function changelogEncoder(stage: Stage): ChangelogEncoder {
  const { source, prepared } = stage;
  const counts = [...prepared.partitions].map(([topic, partitions]) => ({
    topic,
    fromHeight: 0,
    partitions,
  }));
  return new ChangelogEncoder({
    source: source.name,
    chain: source.chain,
    connector: source.kind,
    version: '0.0.0',
    routes: encoderRoutes(source),
    schemaIds: prepared.schemaIds,
    partitions: new PartitionTable({ counts, pinned: new Map() }),
    schemaById: (id, topic) => prepared.registration.textOf(id, topic),
  });
}
