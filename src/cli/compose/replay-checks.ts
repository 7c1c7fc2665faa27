/** What must hold before a replay may publish: each refusal says why, and what to do instead. */
import type { SourceConfig } from '../../config/config.ts';
import { loadDataset } from '../../encoding/dataset.ts';
import { formatBlock } from '../../model/block.ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import { type ErrorCode, FatalError } from '../../model/errors.ts';
import { assertIdentity } from '../../pipeline/session.ts';
import { type FilledTable, filledHeights } from '../../replay/replay-progress.ts';
import type { ToldRows } from '../../replay/told-rows.ts';
import type { HeightRange, Source } from '../../sources/source.ts';

/** Throws `replay.unsupported` for a source whose published rows cannot be told for certain. */
export function assertSupported({ name, delivery, routes }: SourceConfig): void {
  if (delivery !== 'exactly_once') {
    throw unsupported(
      name,
      `its delivery is ${delivery}, so its topics may hold repeats that no control record tells of`,
    );
  }
  for (const route of routes) {
    if (route.final !== null) {
      throw unsupported(
        name,
        `its route "${route.name}" keeps final topic ${route.final.topic}, whose rows lie in the order of the chain and are never taken back; leave \`final\` out of the configuration it is called with if the other topics matter more`,
      );
    }
    if (route.state === null || !loadDataset(route.subject).supersedes) continue;
    throw unsupported(
      name,
      `its route "${route.name}" keeps state topic ${route.state.topic} of a dataset whose later rows supersede earlier ones, so an old row tells nothing of what is true now; leave \`state\` out of the configuration it is called with if only the changelogs matter`,
    );
  }
}

/**
 * The state topics that a replay writes to, with what earlier replays wrote there. Throws
 * `replay.unsupported` for one that the running source does not keep, or only the source keeps.
 */
export function stateTables(
  { name, routes }: SourceConfig,
  source: Checkpoint | null,
  replays: Checkpoint | null,
): FilledTable[] {
  return routes.flatMap(({ topic: changelog, state, subject }) => {
    const topic = `${changelog}.state`;
    const kept = source?.tables.find((table) => table.topic === topic);
    if (state === null && (kept === undefined || loadDataset(subject).supersedes)) return [];
    if (state === null) {
      throw unsupported(
        name,
        `it keeps state topic ${topic}, which the configuration of this replay leaves out: it would lack what the changelog gets. Use the configuration of the running source`,
      );
    }
    if (kept === undefined) {
      throw unsupported(
        name,
        `its checkpoint does not name state topic ${topic} yet. Start the source with this configuration first`,
      );
    }
    return { ...kept, filled: filledHeights(replays, kept) };
  });
}

/** Throws `replay.not_final` for a range that the running source may still change. */
export function finalRange(
  {
    source,
    from,
    to,
  }: { readonly source: SourceConfig; readonly from: number; readonly to: number | undefined },
  checkpoint: Checkpoint | null,
): HeightRange {
  const finalized = checkpoint?.finalized ?? null;
  if (finalized === null) throw notPublished(source.name);
  if (from > finalized.height || (to ?? 0) > finalized.height) {
    throw refusal('replay.not_final', source.name, {
      why: `blocks above ${finalized.height} are not final in its checkpoint, and the running source answers for them`,
      advice: `Replay up to ${finalized.height}`,
    });
  }
  return { from, to: to ?? finalized.height };
}

/** A node of another chain, or on another branch, must not make good rows look wrong. */
export async function assertSameChain(
  source: Required<Pick<Source<unknown>, 'blocks' | 'identity'>>,
  at: {
    readonly checkpoint: Checkpoint | null;
    readonly name: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { checkpoint, name, signal } = at;
  const finalized = checkpoint?.finalized;
  if (checkpoint === null || !finalized) return;
  assertIdentity(name, checkpoint.identity, await source.identity(signal));
  const { height } = finalized;
  for await (const { header } of source.blocks({ from: height, to: height }, signal)) {
    if (header.hash === finalized.hash) continue;
    throw new FatalError('source.contradiction', {
      stage: 'replay',
      message: `Source ${name} called ${formatBlock(finalized)} final, but now gives ${formatBlock(header)} there. Nothing was published. Find out which chain is right, with a second node.`,
      context: { height, finalHash: finalized.hash, hash: header.hash },
    });
  }
}

/**
 * A control topic that was created anew knows nothing of the rows that are there. Throws
 * `replay.rows_deleted` when the oldest row of a partition is of a block below the first one that is
 * told of.
 */
export async function assertTold(at: {
  readonly source: SourceConfig;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
  readonly firstHeight: number;
  readonly told: Pick<ToldRows, 'isReplayed'>;
  /** Height of the oldest row of a partition; null where there is none. */
  oldestHeight(place: {
    readonly topic: string;
    readonly partition: number;
  }): Promise<number | null>;
}): Promise<void> {
  const { source, firstHeight, told } = at;
  for (const place of at.partitions) {
    const height = await at.oldestHeight(place);
    if (height === null || height >= firstHeight || told.isReplayed(height)) continue;
    throw refusal('replay.rows_deleted', source.name, {
      why: `${place.topic}/${place.partition} holds rows of block ${height}, but control topic ${source.controlTopic} tells of none below ${firstHeight}: it was created anew, so what is published is not known`,
      advice: `Replay from ${firstHeight} on, or publish the history to new topics`,
    });
  }
}

export function notPublished(name: string): FatalError {
  return refusal('replay.not_final', name, {
    why: 'it has published no final block yet',
    advice: 'Run the source first; what is not final is its own business',
  });
}

export function unsupported(name: string, why: string): FatalError {
  return refusal('replay.unsupported', name, { why, advice: 'Nothing was published' });
}

export function refusal(
  code: ErrorCode,
  name: string,
  { why, advice }: { readonly why: string; readonly advice: string },
): FatalError {
  return new FatalError(code, {
    stage: 'replay',
    message: `Source ${name} cannot be replayed there: ${why}. ${advice}.`,
    context: { source: name },
  });
}
