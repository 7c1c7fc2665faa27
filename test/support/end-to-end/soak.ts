/**
 * The long run: rounds of faults drawn by a seed, each judged at its end. The chain and the order of
 * the faults repeat with the seed; where exactly a signal hits does not.
 */
import { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';
import { type FaultName, faults } from './faults.ts';
import { Stage } from './stage.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: string;
  /** The first round, from 1. */
  readonly round: number;
  print(line: string): void;
}

const exactFaults: readonly FaultName[] = [
  ...(['kill', 'kill', 'kill', 'kill', 'kill', 'kill', 'kill', 'kill'] as const),
  ...(['zombie', 'brokerKill', 'brokerPause', 'registry'] as const),
];
/** Without transactions a zombie may write until its next checkpoint is refused. */
const latencyFaults = exactFaults.filter((name) => name !== 'zombie');
const faultsPerRound = 20;

/** Runs rounds until the time is over, at least one. Rejects with what the first bad round found. */
export async function soak(options: SoakOptions): Promise<void> {
  const { minutes, seed, print } = options;
  const endAtMs = performance.now() + minutes * 60_000;
  let round = options.round;
  let injected = 0;
  do {
    print(
      `round ${round}: repeat with npm run soak -- --minutes 1 --seed ${seed} --round ${round}`,
    );
    injected += await runRound({ seed: `${seed}-${round}`, round, endAtMs, print });
    round += 1;
  } while (performance.now() < endAtMs);
  print(`good: ${injected} faults in ${round - options.round} rounds, seed ${seed}`);
}

interface Round {
  readonly seed: string;
  readonly round: number;
  readonly endAtMs: number;
  print(line: string): void;
}

async function runRound({ seed, round, endAtMs, print }: Round): Promise<number> {
  const random = new SeededRandom(`${seed}/faults`);
  const delivery = round % 4 === 0 ? 'low_latency' : 'exactly_once';
  const stage = await Stage.open({ brokers: round % 2 === 1 ? 3 : 1, ownRegistry: true, seed });
  try {
    const scene = await stage.scene({ name: 'soak', delivery, everyMs: 200 });
    await scene.driver.mine(8);
    scene.driver.run();
    let injected = 0;
    while (injected < faultsPerRound && (injected === 0 || performance.now() < endAtMs)) {
      const name = random.pick(delivery === 'exactly_once' ? exactFaults : latencyFaults);
      print(`  ${injected + 1} ${name}`);
      await faults[name]({ devnet: stage.devnet, scene, random });
      injected += 1;
    }
    const { rows, chain, failures, partitions, ...counts } = await scene.finish();
    print(
      `round ${round} is good: ${delivery}, ${JSON.stringify({ rows: rows.length, ...counts })}`,
    );
    return injected;
  } finally {
    await stage.close();
  }
}
