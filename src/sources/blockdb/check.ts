/** Preflight of a BlockDB source: REST, the chain, the stream, every subscription. Never throws. */
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { verdict } from '../verdict.ts';
import { Archive } from './archive/archive.ts';
import { archiveHead, archiveIdentity } from './archive/archive-head.ts';
import type { BlockdbConfig } from './config.ts';

/** One verdict per question. */
export async function checkBlockdb(
  config: BlockdbConfig,
  _datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const archive = new Archive(config, runtime);
  const { signal } = new AbortController();
  try {
    return [
      await verdict('rest', async () => {
        const search = { near: config.identityHeight, lowest: config.identityHeight };
        const { height, hash } = await archiveHead(archive, search, signal);
        return `${archive.origin}, head ${height} (${hash})`;
      }),
      await verdict('chain', () => archiveIdentity(archive, config, signal)),
    ];
  } finally {
    await archive.close();
  }
}
