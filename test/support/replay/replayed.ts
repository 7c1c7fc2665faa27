/** Runs a source on a recording, and says in short what came of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { SourceDefinition } from '../../../src/sources/source.ts';
import { checkedOptions } from '../sources/options.ts';
import { SourceFold } from '../sources/source-fold.ts';
import { QuickClock } from '../tzkt/quick-clock.ts';
import type { Recording } from './recording.ts';
import { Replay } from './replay.ts';

/** What is left of a replay. */
export type Replayed = Pick<SourceFold<unknown>, 'chain' | 'forks' | 'rows' | 'picture'>;

/** Runs until everything was said and `isOver`. The source asks for nothing but what it asked then. */
export async function replayed<C extends object, M>(
  definition: SourceDefinition<C, M>,
  recording: Recording,
  isOver: (fold: Replayed) => boolean,
): Promise<Replayed> {
  const { chain, datasets, options } = recording.source;
  const replay = await Replay.open(recording);
  try {
    const fold = new SourceFold<M>({
      chain,
      channels: definition.channels,
      clock: new QuickClock(),
      nameOf: ({ height, hash }) => `${height}:${hash.slice(-4)}`,
    });
    const { url } = replay;
    const place = placeOf(url, options);
    const checked = checkedOptions(definition.config, { ...options, ...place });
    const source = definition.connect(checked, new Set(datasets), fold.runtime);
    await fold.run(source, (reader) => replay.isOver && isOver(reader));
    assert.deepEqual(replay.unknown, []);
    return fold;
  } finally {
    await replay.close();
  }
}

/** The replay under the options that hold addresses. */
function placeOf(url: string, options: object): object {
  if ('url' in options) return { url };
  const ws = [url.replace('http', 'ws')];
  if (!('rest' in options)) return { http: [url], ws };
  return { rest: Array.isArray(options.rest) ? [url] : url, ws };
}

/** The chain that is left, with what changed on the way, and a digest of the rows of each dataset. */
export function resultOf(fold: Replayed, datasets: Iterable<string>): object {
  const rows = Object.fromEntries(
    // Whether a block was seen as head is a matter of moments.
    [...datasets]
      .filter((each) => each !== 'head')
      .map((dataset) => {
        const texts = fold.rows(dataset).map(({ row }) => JSON.stringify(row));
        return [dataset, `${texts.length} ${digest(texts.join('\n'))}`];
      }),
  );
  return { tip: fold.chain.tip?.hash, forks: fold.forks, rows };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
