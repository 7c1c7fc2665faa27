/** Faults that a soak draws from: each starts ommer, breaks something, and leaves no process behind. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Devnet } from '../../../src/devnet/devnet.ts';
import type { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';
import { killOnce } from './kill-loop.ts';
import type { OmmerProcess } from './ommer-process.ts';
import type { Scene } from './scene.ts';

export interface FaultContext {
  readonly devnet: Devnet;
  readonly scene: Scene;
  readonly random: SeededRandom;
}

export type FaultName = keyof typeof faults;

/** By name; each rejects when ommer does not behave. */
export const faults = {
  kill: async ({ scene, random }: FaultContext): Promise<void> => {
    await killOnce(scene, random);
  },
  zombie: async ({ scene, random }: FaultContext): Promise<void> => {
    const zombie = await running(scene, random);
    zombie.pause();
    const successor = await scene.start();
    await successor.committed(2);
    await scene.driver.reorg(random.integer(1, 6));
    await committedMore(successor);
    zombie.resume();
    const exitCode = await zombie.exitCode(60_000);
    if (exitCode !== 75) throw new Error(`the zombie ended with ${exitCode}, not as fenced (75)`);
    await committedMore(successor);
    await successor.kill();
  },
  brokerKill: async ({ devnet, scene, random }: FaultContext): Promise<void> => {
    const ommer = await running(scene, random);
    const broker = random.pick(devnet.kafka.brokers);
    const isAlone = devnet.kafka.brokers.length === 1;
    const goesOn = random.chance(0.5);
    await broker.process.kill();
    if (!goesOn) await ommer.kill();
    // Without another broker nothing can be committed before it is back.
    if (goesOn && !isAlone) await committedMore(ommer);
    await broker.process.start();
    if (goesOn && isAlone) await committedMore(ommer);
    await ommer.kill();
  },
  brokerPause: async ({ devnet, scene, random }: FaultContext): Promise<void> => {
    const ommer = await running(scene, random);
    const broker = random.pick(devnet.kafka.brokers);
    broker.process.pause();
    await delay(random.integer(500, 8_000));
    broker.process.resume();
    await committedMore(ommer);
    await ommer.kill();
  },
  registry: async ({ devnet, scene, random }: FaultContext): Promise<void> => {
    const ommer = await running(scene, random);
    await devnet.registry.restart({ empty: true });
    await ommer.logged('registry had lost schemas: restored');
    await committedMore(ommer);
    await ommer.kill();
  },
} as const;

async function running(scene: Scene, random: SeededRandom): Promise<OmmerProcess> {
  const ommer = await scene.start();
  await ommer.committed(2, 60_000);
  await delay(random.integer(0, 300));
  return ommer;
}

async function committedMore(ommer: OmmerProcess): Promise<void> {
  await ommer.committed((await ommer.commits()) + 2, 90_000);
}
