/** `ommer checkpoint`: shows where a source stands, or makes it forget. */

import type { Config, SourceConfig } from '../config/config.ts';
import { decodeCheckpoint } from '../encoding/checkpoint-codec.ts';
import { formatBlock } from '../model/block.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { findCheckpoint, removeCheckpoint } from './checkpoint-record.ts';
import { type Arguments, type Command, UsageError, verbOf } from './command.ts';
import {
  configFrom,
  configOption,
  namedSources,
  quietLogger,
  registryFrom,
} from './configuration.ts';
import { type Io, writeJson } from './io.ts';

export const checkpointCommand: Command = {
  name: 'checkpoint',
  summary: 'Show where the sources stand, or reset one.',
  usage: 'checkpoint show|reset [--source NAME] [--config FILE] [--yes] [--json]',
  about:
    'show prints the committed checkpoint of each source, or of the named one. reset removes the checkpoint of one source: its next run begins where the configuration says, publishes what it already published again, and can never retract what it published before. Stop the source first; an instance that still runs is fenced.',
  positionals: ['show|reset'],
  options: {
    ...configOption,
    source: { doc: 'Name of the source; reset needs it.', value: 'NAME' },
    yes: { doc: 'reset: yes, I know what it means.' },
    json: { doc: 'One JSON object per source, the whole checkpoint.' },
  },
  examples: ['ommer checkpoint show', 'ommer checkpoint reset --source mainnet --yes'],
  async run(args, io) {
    const verb = verbOf(args, ['show', 'reset']);
    const name = args.text('source');
    if (verb === 'reset' && name === undefined) throw new UsageError('reset needs --source NAME.');
    const config = configFrom(args, io);
    const sources = namedSources(config, name === undefined ? [] : [name]);
    const [only] = sources;
    if (verb === 'reset' && only !== undefined) return reset(config, only, { args, io });
    for (const source of sources) await show(config, source, { io, isJson: args.flag('json') });
    return 0;
  },
};

async function show(
  config: Config,
  { name }: SourceConfig,
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
): Promise<void> {
  const stored = await findCheckpoint(config, name, quietLogger(io));
  const registry = registryFrom(config);
  const checkpoint =
    stored === null
      ? null
      : await decodeCheckpoint(stored.value, {
          source: name,
          schemaById: (id) => registry.byId(id),
        });
  if (isJson) writeJson(io.stdout, { source: name, checkpoint });
  else io.stdout.write(describe(name, checkpoint));
}

function describe(name: string, checkpoint: Checkpoint | null): string {
  if (checkpoint === null) return `${name}: no checkpoint\n`;
  const { blocks, finalized, undo } = checkpoint;
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const newest = blocks.at(-1);
  return `${name}
  cursor       ${checkpoint.cursor ?? 'none'}
  newest       ${newest === undefined ? 'none that is not final' : formatBlock(newest)}
  finalized    ${finalized === null ? 'none' : formatBlock(finalized)}
  undo window  ${blocks.length} blocks, ${rows} rows, on ${undo.length} topic-partitions
  chain        ${checkpoint.identity}
  generation   ${checkpoint.generation}
  sequence     ${checkpoint.sequence}
  written      ${new Date(checkpoint.writtenAtMs).toISOString()}
`;
}

async function reset(
  config: Config,
  source: SourceConfig,
  { args, io }: { readonly args: Arguments; readonly io: Io },
): Promise<number> {
  const { name } = source;
  const logger = quietLogger(io);
  const stored = await findCheckpoint(config, name, logger);
  const isJson = args.flag('json');
  if (stored === null) {
    if (isJson) writeJson(io.stdout, { source: name, wasReset: false });
    else io.stdout.write(`${name}: no checkpoint\n`);
    return 0;
  }
  if (!args.flag('yes')) {
    throw new UsageError(
      `Without its checkpoint ${name} begins anew where the configuration says: rows that it published already are published again, and rows of blocks that are not final can no longer be retracted. Say --yes if that is what you want, or write to new topics (topics.prefix).`,
    );
  }
  await removeCheckpoint(config, { source, stored, signal: io.signal }, logger);
  if (isJson) writeJson(io.stdout, { source: name, wasReset: true });
  else io.stdout.write(`${name}: checkpoint removed\n`);
  return 0;
}
