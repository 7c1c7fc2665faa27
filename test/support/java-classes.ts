/** Programs in Java that tests ask, compiled once: a compiler costs more than most of them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { jarsOf } from '../../src/devnet/jars.ts';
import { defaultLibDir } from '../../src/devnet/paths.ts';

/** Options of a JVM that lives for seconds. */
export const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * The class path of the sources in a directory, with the jars of an independent reader. Other
 * sources are another folder, so that nobody runs an older program.
 */
export async function javaClassPath(name: string, directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((file) => file.endsWith('.java')).sort();
  const files = names.map((file) => join(directory, file));
  const jars = join(await jarsOf('verify'), '*');
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  const classes = join(defaultLibDir, `${name}-${hash.digest('hex').slice(0, 16)}`);
  const isThere = await readdir(classes).then(
    () => true,
    () => false,
  );
  if (!isThere) await compile(files, { jars, classes });
  return [jars, classes].join(delimiter);
}

/** The folder appears whole; of two that compile at once, one is there first. */
async function compile(
  files: readonly string[],
  { jars, classes }: { readonly jars: string; readonly classes: string },
): Promise<void> {
  const aside = `${classes}.${process.pid}`;
  await mkdir(aside, { recursive: true });
  const start = quickStart.map((option) => `-J${option}`);
  const compiler = ['-proc:none', '-cp', jars, '-d', aside];
  await promisify(execFile)('javac', [...start, ...compiler, ...files]);
  await rename(aside, classes).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}
