/** A simulator with an open port for one test. */
import type { TestContext } from 'node:test';
import { type OxarchiveServer, openOxarchiveServer } from '../../../src/devnet/oxarchive/server.ts';
import {
  OxarchiveSimulator,
  type SimulatorOptions,
} from '../../../src/devnet/oxarchive/simulator.ts';
import { type RawOptions, RawSocket } from './raw-socket.ts';

/** The simulator, its port and how to reach it. */
export interface OxarchiveScene {
  readonly simulator: OxarchiveSimulator;
  readonly server: OxarchiveServer;
  open(options?: RawOptions): Promise<RawSocket>;
}

/** Replays wait for nothing, and the archive is not behind, unless told otherwise. */
export async function openOxarchiveScene(
  t: Pick<TestContext, 'after'>,
  options: SimulatorOptions = {},
): Promise<OxarchiveScene> {
  const profile = { isPaced: false, archiveLagMs: 0, ...options.profile };
  const simulator = new OxarchiveSimulator({ ...options, profile });
  const server = await openOxarchiveServer(simulator);
  t.after(() => server.close());
  return { simulator, server, open: (raw) => RawSocket.open(server.ws, raw) };
}
