/** Kills ommer again and again at points that a seed draws, while the chain goes on. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';
import type { Scene } from './scene.ts';

/** Where in its life a process is killed. */
export const moments = ['start', 'commit', 'reorg'] as const;
const drawnMoments = ['start', 'commit', 'commit', 'reorg', 'reorg'] as const;

/**
 * Starts a process and ends it with SIGKILL: while it registers, fences and restores, in or between
 * commits, or in or after a reorg. Resolves to how long it lived, in milliseconds.
 */
export async function killOnce(
  scene: Scene,
  random: SeededRandom,
  moment: (typeof moments)[number] = random.pick(drawnMoments),
): Promise<number> {
  const ommer = await scene.start();
  if (moment === 'start') await ommer.logged('"started"');
  else await ommer.committed(random.integer(2, 4));
  if (moment === 'reorg') await reorgPublished(scene, random.integer(1, 6));
  // The point itself: no event of ommer's tells of the lines between two others.
  await delay(random.integer(0, moment === 'start' ? 1_000 : 300));
  await ommer.kill();
  return Math.round(performance.now() - ommer.startedAtMs);
}

/** Replaces blocks that are published: a process on a busy machine may be behind the running chain. */
async function reorgPublished(scene: Scene, depth: number): Promise<void> {
  await scene.driver.rest();
  await scene.caughtUp();
  const isReplaced = scene.driver.reorg(depth);
  scene.driver.run();
  await isReplaced;
}
