/** Reads the YAML file. Messages hold positions only, because the text around them may be secret. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { FatalError } from '../model/errors.ts';
import { isMapping } from './formats.ts';
import { type Mistake, mistakesError } from './mistakes.ts';

/**
 * The file's mapping, empty for an empty file. Throws `config.unreadable` when it cannot be read and
 * `config.invalid` when it is no YAML mapping.
 */
export function readConfigFile(file: string): Readonly<Record<string, unknown>> {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), {
    prettyErrors: false,
    lineCounter: lines,
    uniqueKeys: true,
  });
  const mistakes: Mistake[] = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return {
      path: `line ${line}, column ${col}`,
      message: `is not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
    };
  });
  if (mistakes.length > 0) throw mistakesError(file, mistakes);
  const tree = toPlain(document, file);
  if (tree === null || tree === undefined) return {};
  if (isMapping(tree)) return tree;
  throw mistakesError(file, [
    { path: 'file', message: 'is not a mapping of option names to values' },
  ]);
}

function toPlain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS();
  } catch {
    // The library's message quotes the text of the alias, which may be a mistyped secret.
    throw mistakesError(file, [
      { path: 'file', message: 'holds an alias (*name) that no anchor (&name) defines' },
    ]);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new FatalError('config.unreadable', {
      stage: 'config',
      message: `Configuration file ${file} cannot be read (${reason}). Create it, or name another one with --config.`,
      cause: error,
      context: { file },
    });
  }
}
