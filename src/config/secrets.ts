/** Values that stand elsewhere: `{ env: NAME }` in the environment, `{ file: PATH }` in a file. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMapping } from './formats.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where references lead: the environment, and the folder that relative paths start from. */
export interface ReferenceScope {
  readonly environment: Environment;
  readonly configFile: string;
}

/** The value, or what is wrong with the reference (no secret in it). */
export type Resolved =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/** Resolves references in a value: itself, or the elements of a list or mapping. */
export function resolveReferences(value: unknown, scope: ReferenceScope): Resolved {
  if (Array.isArray(value)) {
    const elements = value.map((element) => resolveReferences(element, scope));
    const bad = elements.find((element) => !element.ok);
    return (
      bad ?? { ok: true, value: elements.map((element) => (element.ok ? element.value : null)) }
    );
  }
  if (!isMapping(value)) return { ok: true, value };
  const entries = Object.entries(value);
  const [key, target] = entries[0] ?? [];
  if (entries.length === 1 && typeof target === 'string') {
    if (key === 'env') return fromEnvironment(target, scope.environment);
    if (key === 'file') return fromFile(target, scope.configFile);
  }
  return { ok: true, value };
}

function fromEnvironment(name: string, environment: Environment): Resolved {
  const value = environment[name];
  if (value !== undefined && value !== '') return { ok: true, value };
  return { ok: false, problem: `refers to the environment variable ${name}, which is not set` };
}

function fromFile(path: string, configFile: string): Resolved {
  const file = resolve(dirname(configFile), path);
  try {
    return { ok: true, value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { ok: false, problem: `refers to the file ${path}, which cannot be read (${reason})` };
  }
}
