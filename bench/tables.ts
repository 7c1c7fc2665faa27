/** What state and final topics cost beside their changelogs: bytes and CPU for the same blocks. */
import type { Bench, Figure } from './support/bench.ts';
import { type Committed, publishOnce } from './support/publish-once.ts';
import { record } from './support/recording.ts';
import { openStage } from './support/stage.ts';
import { median } from './support/statistics.ts';

const datasets = ['blocks', 'transactions', 'logs', 'token_transfers'];

export const tables: Bench = {
  name: 'tables',
  about: 'the same blocks with state and final topics, against the changelogs alone',
  async run(scene) {
    const { firstHeight, lastHeight } = await scene.filled();
    const last = Math.min(lastHeight, firstHeight + (scene.options.isQuick ? 199 : 799));
    const options = { datasets, start: firstHeight };
    const first = await openStage(scene, options);
    const blocks = await record(first, last);
    first.close();
    const tip = blocks.findLast((update) => update.kind === 'block');
    if (tip?.kind !== 'block') throw new Error('no block was recorded');
    const updates = [...blocks, { kind: 'finalized', block: tip.header } as const];
    const runs: Record<string, Committed[]> = { alone: [], state: [], final: [], both: [] };
    const kinds = {
      alone: [],
      state: ['state'],
      final: ['final'],
      both: ['state', 'final'],
    } as const;
    const rounds = scene.options.isQuick ? 3 : 5;
    // The first round warms up and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, kept] of Object.entries(kinds)) {
        const stage = await openStage(scene, { ...options, tables: kept });
        const run = await publishOnce(stage, updates);
        if (round > 0) runs[name]?.push(run);
        stage.close();
      }
    }
    return { figures: figuresOf(runs), raw: runs };
  },
};

function figuresOf(runs: Readonly<Record<string, readonly Committed[]>>): Figure[] {
  const of = (name: string, pick: (run: Committed) => number) =>
    median((runs[name] ?? []).map(pick));
  const bytes = (name: string) => of(name, (run) => run.bytes) / of('alone', (run) => run.bytes);
  const cpu = (name: string) =>
    of(name, (run) => run.cpuSeconds) / of('alone', (run) => run.cpuSeconds);
  const figure = (what: string, value: number): Figure => ({
    what,
    value,
    unit: '×',
    budget: null,
  });
  return [
    { what: 'records, both', value: of('both', (run) => run.records), unit: '', budget: null },
    figure('bytes, changelog and state', bytes('state')),
    figure('bytes, changelog and final', bytes('final')),
    figure('bytes, changelog and both', bytes('both')),
    {
      ...figure('bytes of both tables, changelog = 1', bytes('both') - 1),
      budget: { atMost: 2.5 },
    },
    figure('CPU, changelog and state', cpu('state')),
    figure('CPU, changelog and final', cpu('final')),
    figure('CPU, changelog and both', cpu('both')),
    { ...figure('CPU of both tables, changelog = 1', cpu('both') - 1), budget: { atMost: 2 } },
  ];
}
