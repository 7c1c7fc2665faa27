/** Help texts: of the program, and of one command with options, examples and exit codes. */
import { createRequire } from 'node:module';
import type { Command, OptionSpec } from './command.ts';
import { exitCodes } from './exit-code.ts';

/** Version of the package. */
export function version(): string {
  // The same relative place seen from src/ and from dist/.
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  return (manifest as { readonly version: string }).version;
}

export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `ommer ${version()}: blocks into Kafka, and a retraction for every record that a reorganization made untrue.

Usage: ommer <command> [arguments]

Commands:
${lines.join('\n')}

ommer <command> --help explains a command; ommer --version prints the version.
`;
}

export function commandHelp(command: Command): string {
  const options = { ...command.options, help: { doc: 'Show this text.' } };
  return `Usage: ommer ${command.usage}

${wrap(command.about)}

Options:
${optionLines(options)}

Examples:
${command.examples.map((example) => `  ${example}`).join('\n')}

Exit codes:
${Object.entries(exitCodes)
  .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  .join('\n')}
`;
}

function optionLines(options: Readonly<Record<string, OptionSpec>>): string {
  const rows = Object.entries(options).map(([name, { value, doc }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    doc,
  ]);
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  return rows.map(([left, doc]) => `  ${(left ?? '').padEnd(width)}  ${doc}`).join('\n');
}

/** Breaks a text into lines of at most 80 columns. */
function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + word.length + 1 > 80) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
