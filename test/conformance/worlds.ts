/** The scripted venue of each kind. A kind without one fails the suite. */
import { startBasaltWorld } from './basalt-world.ts';
import { startBlockdbWorld } from './blockdb-world.ts';
import { startEvmWorld } from './evm-world.ts';
import { startOxarchiveWorld } from './oxarchive-world.ts';
import { startTzktWorld } from './tzkt-world.ts';
import type { World } from './world.ts';

export const worlds: Readonly<Record<string, () => Promise<World>>> = {
  basalt: startBasaltWorld,
  blockdb: startBlockdbWorld,
  evm: startEvmWorld,
  oxarchive: startOxarchiveWorld,
  tzkt: startTzktWorld,
};
