/** Simulated Basalt nodes of one chain with their ports, and a source's settings for them. */

import type { NodeOptions } from '../../../src/devnet/basalt/node.ts';
import type { BasaltServer } from '../../../src/devnet/basalt/server.ts';
import { BasaltSimulator, type SimulatorOptions } from '../../../src/devnet/basalt/simulator.ts';
import type { BasaltConfig } from '../../../src/sources/basalt/config.ts';
import { until } from '../evm-node/until.ts';
import { type BasaltFold, open } from './basalt-fold.ts';

/** `close` must follow. */
export class BasaltSite {
  readonly simulator: BasaltSimulator;
  readonly servers: readonly BasaltServer[];

  private constructor(simulator: BasaltSimulator, servers: readonly BasaltServer[]) {
    this.simulator = simulator;
    this.servers = servers;
  }

  /** Nodes without a limit of requests, unless they say otherwise. */
  static async open(
    options: Omit<SimulatorOptions, 'nodes'>,
    nodes: readonly NodeOptions[] = [{}],
  ): Promise<BasaltSite> {
    const simulator = new BasaltSimulator({
      ...options,
      nodes: nodes.map((node) => ({ requestsPerMinuteMax: 1_000_000, ...node })),
    });
    const servers = [];
    for (const node of simulator.nodes) servers.push(await simulator.listen(node));
    return new BasaltSite(simulator, servers);
  }

  /** Both addresses of every node. */
  get config(): Pick<BasaltConfig, 'rest' | 'ws'> {
    return {
      rest: this.servers.map(({ http }) => http),
      ws: this.servers.map(({ ws }) => ws),
    };
  }

  /** True when the reader is where the chain is. */
  isReached({ chain }: Pick<BasaltFold, 'chain'>): boolean {
    return chain.tip?.hash === this.simulator.head.hash;
  }

  /** Runs a session while `act` happens, once the head is held; ends at the new head. */
  async whileRunning(
    config: Partial<BasaltConfig>,
    act: (fold: BasaltFold) => Promise<void> | void,
  ): Promise<BasaltFold> {
    const { fold, source } = open(config);
    let hasActed = false;
    const running = fold.run(source, () => hasActed && this.isReached(fold));
    await until('the head is held', () => this.isReached(fold));
    await act(fold);
    hasActed = true;
    await running;
    return fold;
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }
}
