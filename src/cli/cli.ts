/** From arguments to an exit code: finds the command, runs it, reports what failed. */
import { closest } from '../config/closest.ts';
import { PipelineError } from '../model/errors.ts';
import { cleanText } from '../observability/clean.ts';
import { type Command, parseArguments, UsageError } from './command.ts';
import { exitCodeOf } from './exit-code.ts';
import { commandHelp, programHelp, version } from './help.ts';
import type { Io } from './io.ts';

/** Runs one command line. Never rejects: an error is reported on `stderr` and gives its exit code. */
export async function runCli(
  argv: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<number> {
  const [name, ...rest] = argv;
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      return help(rest[0], commands, io);
    }
    if (name === '--version' || name === 'version') {
      io.stdout.write(`${version()}\n`);
      return 0;
    }
    const command = findCommand(name, commands);
    if (rest.includes('--help')) {
      io.stdout.write(commandHelp(command));
      return 0;
    }
    return await command.run(parseArguments(command, rest), io);
  } catch (error) {
    io.stderr.write(reportOf(error, name));
    return exitCodeOf(error);
  }
}

function help(name: string | undefined, commands: readonly Command[], io: Io): number {
  const isCommand = name !== undefined && !name.startsWith('-');
  io.stdout.write(isCommand ? commandHelp(findCommand(name, commands)) : programHelp(commands));
  return 0;
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  if (name.startsWith('-')) {
    const near = closest(name.replace(/^-+/, ''), ['help', 'version']);
    const hint = near === undefined ? 'A command comes first.' : `Did you mean --${near}?`;
    throw new UsageError(`There is no option ${name}. ${hint}`);
  }
  const names = commands.map((candidate) => candidate.name);
  const near = closest(name, names);
  const hint = near === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "${near}"?`;
  throw new UsageError(`There is no command "${name}". ${hint}`);
}

/** What the operator reads. A stack is shown only for a defect: nobody threw that on purpose. */
function reportOf(error: unknown, command: string | undefined): string {
  if (error instanceof UsageError) {
    const known = command === undefined || command.startsWith('-') ? '' : ` ${command}`;
    return `ommer: ${error.message}\nSee ommer${known} --help.\n`.replace(
      /See ommer .* --help/,
      error.message.startsWith('There is no command') ? 'See ommer --help' : '$&',
    );
  }
  if (error instanceof PipelineError) {
    return cleanText(`ommer: ${error.code}: ${error.message}\n`);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return cleanText(`ommer: this is a defect, please report it:\n${text}\n`);
}
