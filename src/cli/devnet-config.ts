/** The configuration file that goes with a running devnet, so that other commands find it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { firstHeightDefault } from '../devnet/blockdb/simulator.ts';
import type { DevnetState } from '../devnet/state-file.ts';

/** Chain id of a devnet's chain. */
export const devnetChain = 'eip155:31337';

/** Names of the sources that follow simulated venues, where a configuration has them, and a label for each. */
export const simulatedSources: ReadonlyMap<string, string> = new Map([
  ['tezos', 'Tezos'],
  ['basalt', 'Basalt'],
  ['blockdb', 'BlockDB'],
  ['perps', '0xArchive'],
]);

/** Writes `ommer.yaml` into the data directory and returns its path. */
export function writeDevnetConfig(
  dataDir: string,
  state: DevnetState,
  options: { readonly blockTimeMs: number; readonly hasSimulated?: boolean },
): string {
  const { blockTimeMs, hasSimulated = false } = options;
  const file = join(dataDir, 'ommer.yaml');
  const config = {
    kafka: { brokers: state.brokers },
    ...(state.registry === null ? {} : { registry: { url: state.registry } }),
    topics: { prefix: 'ommer', partitions: 3 },
    sources: {
      ...(state.evm === null
        ? {}
        : {
            devnet: {
              kind: 'evm',
              chain: devnetChain,
              http: [state.evm.http],
              ws: [state.evm.ws],
              start: 'earliest',
              blockTimeMs,
            },
          }),
      ...(state.tzkt === null || !hasSimulated ? {} : { tezos: tezosOf(state.tzkt) }),
      ...(state.basalt === null || !hasSimulated ? {} : { basalt: basaltOf(state.basalt) }),
      ...(state.blockdb === null || !hasSimulated ? {} : { blockdb: blockdbOf(state.blockdb) }),
      ...(state.oxarchive === null || !hasSimulated ? {} : { perps: perpsOf(state.oxarchive) }),
    },
  };
  writeFileSync(file, `# Written by \`ommer devnet up\`.\n${stringify(config)}`);
  return file;
}

/** REST is three blocks behind, and its chain begins at the simulator's first height. */
function blockdbOf({ http, ws, key, chainId }: NonNullable<DevnetState['blockdb']>) {
  return {
    kind: 'blockdb',
    chain: `eip155:${chainId}`,
    ws: [ws],
    rest: http,
    apiKey: key,
    start: 'latest',
    identityHeight: firstHeightDefault,
    confirmations: 5,
    auditIntervalMs: 3_000,
    requestsPerSecondMax: 200,
    datasets: ['blocks', 'transactions', 'logs', 'token_transfers', 'swap_fees', 'tvl_usd'],
  };
}

/** As a trading system would have it: nothing waits for a transaction. */
function perpsOf({ http, ws, key }: NonNullable<DevnetState['oxarchive']>) {
  return {
    kind: 'oxarchive',
    delivery: 'low_latency',
    ws,
    rest: http,
    apiKey: key,
    markets: ['hyperliquid:BTC', 'hyperliquid:ETH'],
    datasets: ['trades', 'book_deltas', 'book_tops', 'funding', 'open_interest'],
    isCompressed: false,
  };
}

/** A loopback server takes more questions than a public one. */
function tezosOf({ http, chainId }: NonNullable<DevnetState['tzkt']>) {
  return {
    kind: 'tzkt',
    url: http,
    chain: `tezos:${chainId}`,
    start: 'latest',
    requestsPerSecondMax: 200,
    concurrency: 4,
  };
}

function basaltOf({ http, ws, chainId }: NonNullable<DevnetState['basalt']>) {
  return { kind: 'basalt', chain: `basalt:${chainId}`, rest: [http], ws: [ws], start: 'latest' };
}
