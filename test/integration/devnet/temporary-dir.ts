/**
 * A data directory for one test file, removed at its end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made at once; call `remove` when nothing uses it any more. */
export async function temporaryDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'ommer-devnet-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
