/** Recordings of `ommer record` in test/fixtures: replayed, they still give the rows that they gave. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { sources } from '../../src/sources/registry.ts';
import { type Recording, readRecording } from '../support/replay/recording.ts';
import { type Replayed, replayed, resultOf } from '../support/replay/replayed.ts';

type Replayer = (recording: Recording, isOver: (fold: Replayed) => boolean) => Promise<Replayed>;

const replayers: Readonly<Record<keyof typeof sources, Replayer>> = {
  basalt: (recording, isOver) => replayed(sources.basalt, recording, isOver),
  blockdb: (recording, isOver) => replayed(sources.blockdb, recording, isOver),
  evm: (recording, isOver) => replayed(sources.evm, recording, isOver),
  oxarchive: (recording, isOver) => replayed(sources.oxarchive, recording, isOver),
  tzkt: (recording, isOver) => replayed(sources.tzkt, recording, isOver),
};
const root = new URL('../fixtures/', import.meta.url);

for (const [kind, replay] of Object.entries(replayers)) {
  const folder = new URL(kind, root);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const folders = names.map((name) => new URL(`${kind}/${name}/`, root));
  const recorded = folders.filter((folder) => existsSync(new URL('frames.jsonl.gz', folder)));
  describe(`recordings of the source kind ${kind}`, () => {
    for (const folder of recorded) {
      it(`give the rows that they gave: ${folder.pathname.split('/').at(-2)}`, async () => {
        const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
        const recording = readRecording(new URL('frames.jsonl.gz', folder));
        const isOver = ({ chain }: Replayed) => chain.tip?.hash === expected.tip;
        const { datasets } = recording.source;
        const result = resultOf(await replay(recording, isOver), datasets);
        // Which branches were seen may be a matter of moments: then no forks are expected.
        const compared = Object.entries(result).filter(([name]) => name in expected);
        assert.deepEqual(Object.fromEntries(compared), expected);
      });
    }
  });
}
