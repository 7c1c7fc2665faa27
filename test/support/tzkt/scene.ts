/** A simulator with a server for one test, and readers of it. */
import { openTzktServer, type TzktServer } from '../../../src/devnet/tzkt/server.ts';
import { type SimulatorOptions, TzktSimulator } from '../../../src/devnet/tzkt/simulator.ts';
import type { SourceUpdate } from '../../../src/model/update.ts';
import type { TzktConfig } from '../../../src/sources/tzkt/config.ts';
import type { TzktMessage } from '../../../src/sources/tzkt/messages.ts';
import { open, someKinds, type TzktFold } from './tzkt-fold.ts';

type Update = SourceUpdate<TzktMessage>;

/** `close` must follow. */
export class TzktScene {
  readonly simulator: TzktSimulator;
  readonly server: TzktServer;

  private constructor(simulator: TzktSimulator, server: TzktServer) {
    this.simulator = simulator;
    this.server = server;
  }

  static async open(options: SimulatorOptions = {}): Promise<TzktScene> {
    const simulator = new TzktSimulator({ historyLevels: 5, ...options });
    return new TzktScene(simulator, await openTzktServer(simulator));
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** A source of some kinds with a reader at its other end. */
  reader(overrides: Partial<TzktConfig> = {}): ReturnType<typeof open> {
    return open(this.server, { operations: [{ types: someKinds }], ...overrides });
  }

  /** True when the reader holds the simulator's newest block. */
  readonly isAtHead = (fold: TzktFold): boolean =>
    fold.chain.hashAt(this.simulator.head.level) === this.simulator.head.hash;

  /** Runs until the head is reached once for each step, which is taken then. */
  async follow(
    steps: readonly (() => void)[],
    overrides: Partial<TzktConfig> = {},
  ): Promise<TzktFold> {
    const { fold, source } = this.reader(overrides);
    const left = [...steps];
    await fold.run(source, (reader: TzktFold, update: Update) => {
      // Only an idle or final report says that the source itself takes the head for reached.
      if (!this.isAtHead(reader) || update.kind === 'block' || update.kind === 'fork') {
        return false;
      }
      const step = left.shift();
      step?.();
      return step === undefined;
    });
    return fold;
  }
}
