/**
 * Where the devnet keeps its things. Resolved from this file, which sits two directories below the
 * package root both as source and compiled.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this package: the directory of its package.json. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The resources of the devnet: Maven coordinates and the brokers' log configuration. */
export const resourceDir = join(packageRoot, 'devnet');

/** The data directory of a devnet that names none. */
export const defaultDataDir = join(packageRoot, '.devnet');

/** The cache of downloaded jars, shared by all devnets of this checkout. */
export const defaultLibDir = join(packageRoot, '.devnet', 'lib');

/** The state file of a data directory, by which other processes find a running devnet. */
export function stateFileOf(dataDir: string): string {
  return join(dataDir, 'devnet.json');
}
