/** Preflight of a TzKT source: REST, the network, and every subscription. Never throws. */
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { verdict } from '../verdict.ts';
import { wantedDatasets } from './channels.ts';
import type { TzktConfig } from './config.ts';
import { TzktHub } from './hub.ts';
import { readHead, readIdentity } from './network.ts';
import { TzktRest } from './rest.ts';
import { type Subscription, subscriptionsOf } from './subscriptions.ts';

/** One verdict per question, in this order: REST, network, hub, each subscription on its one connection. */
export async function checkTzkt(
  config: TzktConfig,
  datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const rest = new TzktRest(config, runtime);
  const { signal } = new AbortController();
  let hub: TzktHub | undefined;
  try {
    const reached = await verdict('rest', async () => {
      const { block } = await readHead(rest, signal);
      return `${rest.origin}, head ${block.height} (${block.hash})`;
    });
    // An instance that is not there need not be asked for more.
    if (!reached.ok) return [reached];
    const network = await verdict('network', () => readIdentity(rest, config, signal));
    const { clock, onFrame } = runtime;
    const opened = await verdict('hub', async () => {
      hub = await TzktHub.open(config, { clock, onFrame, subscriptions: [], signal });
      return 'connected';
    });
    const checks = [reached, network, opened];
    if (hub === undefined) return checks;
    for (const subscription of subscriptionsOf(config, wantedDatasets(datasets))) {
      checks.push(await subscribed(hub, subscription, signal));
    }
    return checks;
  } finally {
    await hub?.close();
    await rest.close();
  }
}

/** A refusal neither ends the connection nor takes back what was subscribed before (section 2.4). */
function subscribed(
  hub: TzktHub,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<SourceCheck> {
  const { method, args } = subscription;
  const name = `${method}${args.length === 0 ? '' : ` ${JSON.stringify(args[0])}`}`;
  return verdict(name, async () => {
    await hub.subscribe(subscription, signal);
    return 'subscribed';
  });
}
