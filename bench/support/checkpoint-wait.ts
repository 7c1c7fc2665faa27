/** Sees when another process has committed a block: a read_committed reader of its checkpoints. */

import { decodeCheckpoint } from '../../src/encoding/checkpoint-codec.ts';
import { parseCursor } from '../../src/model/cursor.ts';
import { systemClock } from '../../src/model/system-clock.ts';
import { follow } from '../../src/publishing/partition-follower.ts';
import { benchLogger, type Stage } from './stage.ts';

/** Resolves to `performance.now()` when a checkpoint at or above this height was readable. */
export async function checkpointAt(stage: Stage, height: number): Promise<number> {
  const { config, source, prepared } = stage;
  const stop = new AbortController();
  const topic = config.topics.checkpoints;
  const options = {
    kafka: config.kafka,
    clock: systemClock,
    logger: benchLogger,
    stallTimeoutMs: 60_000,
  };
  const request = {
    topics: [topic],
    from: 'beginning' as const,
    isolation: 'read_committed' as const,
    signal: stop.signal,
  };
  try {
    for await (const records of follow(options, request)) {
      const value = records.at(-1)?.value;
      if (value === null || value === undefined) continue;
      const { cursor } = await decodeCheckpoint(value, {
        source: source.name,
        schemaById: (id) => prepared.registration.textOf(id, topic),
      });
      const position = cursor === null ? null : parseCursor(cursor);
      if (position?.kind === 'block' && position.block.height >= height) return performance.now();
    }
  } finally {
    stop.abort();
  }
  throw new Error('the checkpoints ended');
}
