/** Every command, in the order of the help text. */
import { checkCommand } from './check.ts';
import { checkpointCommand } from './checkpoint.ts';
import type { Command } from './command.ts';
import { ddlCommand } from './ddl.ts';
import { devnetCommand } from './devnet.ts';
import { offsetsCommand } from './offsets.ts';
import { recordCommand } from './record.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import { schemasCommand } from './schemas.ts';
import { startCommand } from './start.ts';
import { tailCommand } from './tail.ts';
import { topicsCommand } from './topics.ts';

export const commands: readonly Command[] = [
  startCommand,
  runCommand,
  checkCommand,
  topicsCommand,
  schemasCommand,
  tailCommand,
  ddlCommand,
  offsetsCommand,
  replayCommand,
  checkpointCommand,
  recordCommand,
  devnetCommand,
];
