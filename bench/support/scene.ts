/** What the benches of one run share: one devnet, its chain, and a folder for their files. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Devnet } from '../../src/devnet/devnet.ts';
import { type FilledChain, fillChain } from '../../src/devnet/traffic/fill-chain.ts';
import { startTraffic } from '../../src/devnet/traffic/traffic.ts';

/** What the command line asked for. */
export interface SceneOptions {
  readonly isQuick: boolean;
  /** How long the memory bench watches. */
  readonly minutes: number;
  /** Where the measured processes write their CPU profiles; null for none. */
  readonly profileDir: string | null;
}

export const transfersPerBlock = 20;

/** One per run. The chain is made when the first bench asks for it. */
export class Scene {
  readonly devnet: Devnet;
  readonly options: SceneOptions;
  readonly directory: string;
  #filled: Promise<FilledChain> | undefined;
  #prefixes = 0;

  constructor(devnet: Devnet, options: SceneOptions) {
    this.devnet = devnet;
    this.options = options;
    this.directory = join(devnet.dataDir, 'bench');
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(this.directory, { recursive: true });
  }

  /** A topic prefix that nobody used before. */
  nextPrefix(): string {
    this.#prefixes += 1;
    return `bench${this.#prefixes}`;
  }

  /** Blocks of `transfersPerBlock` token transfers; made once. */
  filled(): Promise<FilledChain> {
    this.#filled ??= this.#fill();
    return this.#filled;
  }

  /** `blocks` more blocks with every kind of transaction, on top of what is there; their heights. */
  async mixedBlocks(blocks: number): Promise<{ readonly first: number; readonly last: number }> {
    const stop = new AbortController();
    const heights: number[] = [];
    const traffic = await startTraffic({
      url: this.devnet.evm.http,
      seed: 7,
      transactionsPerBlock: 40,
      blockTimeMs: 1,
      reorgEveryMs: null,
      reorgDepth: [1, 1],
      signal: stop.signal,
      onEvent: ({ height }) => {
        heights.push(height);
        if (heights.length >= blocks) stop.abort();
      },
    });
    await traffic.finished;
    return { first: heights[0] ?? 0, last: heights.at(-1) ?? 0 };
  }

  note(text: string): void {
    process.stderr.write(`bench: ${text}\n`);
  }

  async #fill(): Promise<FilledChain> {
    const blocks = this.options.isQuick ? 300 : 1_000;
    this.note(`mining ${blocks} blocks of ${transfersPerBlock} token transfers`);
    const { http: url } = this.devnet.evm;
    return fillChain({ url, blocks, transfersPerBlock, seed: 1 });
  }
}
