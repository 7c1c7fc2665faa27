/** `ommer start`: everything at once on embedded defaults, for a first look. `npm start` runs it. */
import type { Command } from './command.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'A first look: devnet, pipeline and a live view in one process.',
  usage: 'start [--seed TEXT] [--data-dir DIR]',
  about:
    'Starts a local Kafka, a schema registry and an EVM chain that reorganizes, and simulates TzKT, a Basalt node, BlockDB and 0xArchive beside it, publishes all four chains and two markets into Kafka, and shows what a reader of the topics sees. Needs Java 17 and, the first time, Maven and the network. Ends with Ctrl-C and leaves nothing running.',
  positionals: [],
  options: {
    seed: { doc: 'Seed of the chain traffic; 1 by default.', value: 'TEXT' },
    'data-dir': { doc: 'Where the devnet keeps its data; .devnet by default.', value: 'DIR' },
  },
  examples: ['ommer start', 'npm start'],
  async run(args, io) {
    // Loaded when asked for: other commands start without the devnet's modules.
    const { firstLook } = await import('./first-look.ts');
    return firstLook(args, io);
  },
};
