/** Preflight of an EVM source: what each endpoint is and what it can do. Never throws. */
import { originOf } from '../../transport/http.ts';
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { verdict } from '../verdict.ts';
import { type Needs, needsOf } from './channels.ts';
import type { EvmConfig } from './config.ts';
import { openHeadWatcher } from './head-feed.ts';
import type { EvmNode } from './node.ts';
import { createEvmNodes } from './nodes.ts';
import { probeTraceMethod } from './trace-method.ts';

/** One verdict per endpoint and ability, in the order of the configuration. */
export async function checkEvm(
  config: EvmConfig,
  datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const nodes = createEvmNodes(config, runtime);
  try {
    const checks: SourceCheck[] = [];
    for (const node of nodes.all) {
      checks.push(...(await checkNode(node, config, needsOf(datasets))));
    }
    const genesis = new Set(checks.flatMap(({ name, detail }) => genesisOf(name, detail)));
    if (genesis.size > 1) {
      const detail = 'the endpoints serve different chains';
      checks.push({ name: 'genesis', ok: false, detail, code: 'source.other_genesis' });
    }
    for (const url of config.ws) checks.push(await checkWebSocket(url, config, runtime));
    return checks;
  } finally {
    await nodes.close();
  }
}

function genesisOf(name: string, detail: string): string[] {
  return name.endsWith(' genesis') ? [detail] : [];
}

async function checkNode(node: EvmNode, config: EvmConfig, needs: Needs): Promise<SourceCheck[]> {
  const { signal } = new AbortController();
  const chain = await verdict(`${node.origin} chain`, async () => {
    const chain = await node.chain(signal);
    if (chain === config.chain) return [true, chain];
    const detail = `serves ${chain}, configured is ${config.chain}`;
    return [false, detail, 'source.wrong_chain'];
  });
  // A node that is not there or is the wrong one need not be asked for more.
  if (!chain.ok) return [chain];
  const checks = [
    chain,
    await verdict(`${node.origin} genesis`, async () => [true, await node.genesisHash(signal)]),
    await verdict(`${node.origin} head`, async () => {
      const { head } = await node.tips(false, signal);
      return [true, `${head.height} (${head.hash})`];
    }),
  ];
  if (config.finality === 'tag') checks.push(await checkFinalized(node, signal));
  if (needs.receipts) {
    checks.push(
      await verdict(`${node.origin} receipts`, async () => [
        true,
        (await node.canGiveBlockReceipts(signal)) ? 'by block' : 'one by one (slower)',
      ]),
    );
  }
  if (needs.traces) checks.push(await checkTraces(node, config, signal));
  return checks;
}

function checkFinalized(node: EvmNode, signal: AbortSignal): Promise<SourceCheck> {
  return verdict(`${node.origin} finalized`, async () => {
    const { finalized } = await node.tips(true, signal);
    return finalized === null
      ? [false, 'no finalized block known (yet): use finality depth if this chain has none']
      : [true, `${finalized.height} (${finalized.hash})`];
  });
}

function checkTraces(node: EvmNode, config: EvmConfig, signal: AbortSignal): Promise<SourceCheck> {
  return verdict(`${node.origin} traces`, async () => {
    if (config.traces === 'off') return [true, 'switched off'];
    if (config.traces === 'auto') {
      const method = await probeTraceMethod(node, signal);
      return [true, method === 'none' ? 'none: no internal transactions' : method];
    }
    const can = await node.canTrace(config.traces, signal);
    return [can, can ? config.traces : `${config.traces} is not offered`];
  });
}

function checkWebSocket(
  url: string,
  config: EvmConfig,
  runtime: SourceRuntime,
): Promise<SourceCheck> {
  const { signal } = new AbortController();
  return verdict(`${originOf(url)} newHeads`, async () => {
    const watcher = await openHeadWatcher({ ...config, ws: [url] }, runtime, signal);
    watcher.close();
    return [true, 'subscribed'];
  });
}
