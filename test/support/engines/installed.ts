/** A copy of an example with the packages it asks for, made once and kept beside the devnet's jars. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';
import { lastLines } from '../../../src/devnet/log-file.ts';
import { defaultLibDir } from '../../../src/devnet/paths.ts';
import { examples } from './reader.ts';

interface Installation {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The folder with the example's files and its packages. The first file names the packages: while it
 * stays the same nothing is fetched again, and no network is needed.
 */
export async function installed(
  example: string,
  files: readonly string[],
  { command, args }: Installation,
): Promise<string> {
  const [manifest = ''] = files;
  const text = await readFile(join(examples, example, manifest));
  const stamp = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const folder = join(defaultLibDir, `${example}-${stamp}`);
  if ((await readFile(join(folder, manifest)).catch(() => undefined)) === undefined) {
    const aside = `${folder}.${process.pid}`;
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    await copyFile(join(examples, example, manifest), join(aside, manifest));
    const logFile = join(defaultLibDir, `${example}.install.log`);
    await writeFile(logFile, '');
    const { code } = await spawnGuarded({ command, args, cwd: aside, logFile }).ended;
    if (code !== 0) throw new Error(`${example}: ${command}: ${await lastLines(logFile, 12)}`);
    await rename(aside, folder);
  }
  for (const file of files) await copyFile(join(examples, example, file), join(folder, file));
  return folder;
}
