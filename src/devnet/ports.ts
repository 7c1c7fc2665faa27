/**
 * Free loopback ports, remembered per data directory so that a restarted devnet keeps its addresses.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { FatalError } from '../model/errors.ts';

export const loopback = '127.0.0.1';

// Below the ephemeral range of Linux and macOS: no outgoing connection takes a port between our
// look and the moment a slow JVM binds it, nor while a killed broker is down.
const lowestPort = 20_000;
const highestPort = 32_000;
const attemptsMax = 200;

/** Ports given out by this process, so that two devnets in it never get the same. */
const taken = new Set<number>();

/** One choice at a time: the parts of a devnet start side by side and share one file. */
let previous: Promise<unknown> = Promise.resolve();

/**
 * One port per name. Names known from an earlier run of the data directory get the same port again
 * if it is free now. Throws `devnet.start_failed` when no free port is found.
 */
export function portsFor<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name, number>>> {
  const chosen = previous.then(() => choose(dataDir, names));
  previous = chosen.catch(() => undefined);
  return chosen;
}

async function choose<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name, number>>> {
  const file = join(dataDir, 'ports.json');
  const known = await readKnown(file);
  const chosen: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const before = known[name];
    const isReusable = before !== undefined && (await isFree(before));
    if (isReusable) taken.add(before);
    chosen[name] = isReusable ? before : await freePort();
  }
  await mkdir(dataDir, { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify({ ...known, ...chosen }));
  await rename(`${file}.new`, file);
  return chosen as Record<Name, number>;
}

/** A loopback port that nobody listens on and that this process has not given out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort));
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isFree(port)) return port;
  }
  throw new FatalError('devnet.start_failed', {
    stage: 'devnet',
    message: `Found no free loopback port between ${lowestPort} and ${highestPort}.`,
  });
}

async function readKnown(file: string): Promise<Readonly<Record<string, number>>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) return {};
  return Object.fromEntries(
    Object.entries(parsed).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, loopback, () => probe.close(() => resolve(true)));
  });
}
