/**
 * The Java parts of the devnet, fetched once through Maven into a cache directory. A second call
 * finds them there and needs neither Maven nor a network.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FatalError } from '../model/errors.ts';
import { spawnGuarded } from './guarded-spawn.ts';
import { withLock } from './lock.ts';
import { lastLines } from './log-file.ts';
import { defaultLibDir, resourceDir } from './paths.ts';

/**
 * A folder of jars, each a profile of devnet/pom.xml: the broker with its tools, the registry, and
 * what an independent reader in Java needs (kafka-clients, avro).
 */
export type JarSet = 'kafka' | 'registry' | 'verify';

const stampName = '.complete';
const fetchTimeoutMs = 15 * 60_000;

/**
 * The folder that holds the set, fetched if need be. Complete or absent, never half: it is filled
 * aside and renamed. Of several processes that ask at once, one fetches and the others wait.
 * Throws `devnet.start_failed` with Maven's last lines.
 */
export function jarsOf(set: JarSet, libDir: string = defaultLibDir): Promise<string> {
  return jarsIn({ name: set, pom: join(resourceDir, 'pom.xml'), profile: set, libDir });
}

/** The folder that holds the jars of a program with a pom.xml of its own. Like `jarsOf`. */
export function jarsOfProgram(name: string, pom: string): Promise<string> {
  return jarsIn({ name, pom, profile: null, libDir: defaultLibDir });
}

async function jarsIn(wanted: Wanted): Promise<string> {
  const { name, pom, libDir } = wanted;
  const folder = join(libDir, name);
  const stamp = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex');
  if (await isComplete(folder, stamp)) return folder;
  await withLock(join(libDir, '.lock'), fetchTimeoutMs, async () => {
    if (!(await isComplete(folder, stamp))) await fetchInto(folder, { ...wanted, stamp });
  });
  return folder;
}

/** Which jars: those of a profile of the pom, or all of it, to be put in `libDir` under `name`. */
interface Wanted {
  readonly name: string;
  readonly pom: string;
  readonly profile: string | null;
  readonly libDir: string;
}

interface Fetch extends Wanted {
  /** What the folder must have been filled from. */
  readonly stamp: string;
}

async function isComplete(folder: string, stamp: string): Promise<boolean> {
  const found = await readFile(join(folder, stampName), 'utf8').catch(() => undefined);
  return found === stamp;
}

async function fetchInto(folder: string, fetch: Fetch): Promise<void> {
  const aside = join(fetch.libDir, `.${fetch.name}.${process.pid}`);
  const logFile = join(fetch.libDir, `${fetch.name}.maven.log`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await writeFile(logFile, '');
  try {
    await runMaven(fetch, aside, logFile);
    await writeFile(join(aside, stampName), fetch.stamp);
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function runMaven(fetch: Fetch, aside: string, logFile: string): Promise<void> {
  const profile = fetch.profile === null ? [] : [`-P${fetch.profile}`];
  const args = ['-q', '-B', '-ntp', '-f', fetch.pom, ...profile, 'generate-resources'];
  const maven = spawnGuarded({
    command: 'mvn',
    args: [...args, `-Dlib.directory=${aside}`],
    cwd: fetch.libDir,
    logFile,
  });
  const { code, signal } = await maven.ended;
  if (code === 0) return;
  const reason =
    code === 127
      ? '`mvn` was not found: install Maven and a Java 17 runtime'
      : `Maven ended with ${signal ?? `code ${code}`}`;
  throw new FatalError('devnet.start_failed', {
    stage: 'devnet',
    message: `Could not fetch the jars of ${fetch.name}: ${reason}.\n${await lastLines(logFile, 12)}`,
    context: { set: fetch.name, logFile },
  });
}
