/** Preflight of a Basalt source: what each endpoint is and what it can do. Never throws. */
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { verdict } from '../verdict.ts';
import type { BasaltConfig } from './config.ts';
import { feedName, HeadFeeds, isTooMany } from './head-feed.ts';
import type { BasaltNode } from './node.ts';
import { createBasaltNodes } from './nodes.ts';

/** One verdict per endpoint and ability, in the order of the configuration. */
export async function checkBasalt(
  config: BasaltConfig,
  _datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const nodes = createBasaltNodes(config, runtime, new Map());
  try {
    const checks: SourceCheck[] = [];
    const genesis = new Set<string>();
    for (const node of nodes.all) checks.push(...(await checkNode(node, config, genesis)));
    if (genesis.size > 1) {
      const detail = 'the endpoints serve different chains';
      checks.push({ name: 'genesis', ok: false, detail, code: 'source.other_genesis' });
    }
    for (const url of config.ws) checks.push(await checkFeed(url, config, runtime));
    return checks;
  } finally {
    await nodes.close();
  }
}

async function checkNode(
  node: BasaltNode,
  config: BasaltConfig,
  genesis: Set<string>,
): Promise<SourceCheck[]> {
  const { signal } = new AbortController();
  const chain = await verdict(`${node.origin} chain`, async () => {
    const served = await node.chain(signal);
    if (served === config.chain) return served;
    return [false, `serves ${served}, configured is ${config.chain}`, 'source.wrong_chain'];
  });
  // A node that is not there or is the wrong one need not be asked for more.
  if (!chain.ok) return [chain];
  return [
    chain,
    await verdict(`${node.origin} genesis`, async () => {
      const hash = await node.genesisHash(signal);
      genesis.add(hash);
      return hash;
    }),
    await verdict(`${node.origin} head`, async () => {
      const { head } = await node.tips(signal);
      return `${head.height} (${head.hash})`;
    }),
    await verdict(`${node.origin} history`, async () => {
      await node.rawBlocks(0, 1, signal);
      return node.hasHistory ? 'on disk' : 'none: only what is in memory (the last 10,000 blocks)';
    }),
  ];
}

function checkFeed(
  url: string,
  config: BasaltConfig,
  runtime: SourceRuntime,
): Promise<SourceCheck> {
  const { signal } = new AbortController();
  return verdict(feedName(url), async () => {
    const { watcher } = await new HeadFeeds({ ...config, ws: [url] }, runtime).open(signal);
    try {
      const wake = await watcher.next(config.requestTimeoutMs, signal);
      if (wake.kind !== 'announced') return [false, 'open, but it did not say its current block'];
      return `at ${wake.head.height} (${wake.head.hash})`;
    } catch (error) {
      // A node that has too many connections accepts them and then closes: only this tells.
      if (!isTooMany(error)) throw error;
      return [
        false,
        'has as many connections as it takes: another stream is used, or the head polled',
      ];
    } finally {
      watcher.close();
    }
  });
}
