/**
 * Makes long and heavy chains for benchmarks, as fast as the node allows: many blocks of token
 * transfers for catch-up, blocks of many logs for a deep reorg.
 */
import { type MinedBlock, readBlock } from './chain-reader.ts';
import { encodeCall, encodeDeployment } from './contracts.ts';
import { readCreatedContracts } from './deployment.ts';
import { mineBlock, readAccounts, readNonces, stopMining } from './mine-block.ts';
import { NodeRpc } from './node-rpc.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TransactionRequest } from './transaction-request.ts';

/** The blocks that were made; the block before `firstHeight` holds the deployment. */
export interface FilledChain {
  readonly contract: string;
  readonly firstHeight: number;
  readonly lastHeight: number;
}

interface FillOptions {
  readonly url: string;
  readonly blocks: number;
  readonly seed: string | number;
  readonly signal?: AbortSignal;
}

/**
 * Mines `blocks` blocks with exactly `transfersPerBlock` ERC-20 transfers each, 12 s apart in chain
 * time. Leaves the node with its own mining off.
 */
export async function fillChain(
  options: FillOptions & { readonly transfersPerBlock: number },
): Promise<FilledChain> {
  const random = new SeededRandom(options.seed);
  return fill(options, {
    deployment: (accounts) =>
      encodeDeployment('Erc20Token', [{ text: 'Bulk' }, { text: 'BULK' }, accounts]),
    requests: (contract, accounts) =>
      Array.from({ length: options.transfersPerBlock }, (_, index) => {
        const amount = BigInt(random.integer(1, 1_000_000)) * 10n ** 12n;
        const values = [random.pick(accounts), amount];
        const data = encodeCall('Erc20Token', 'transfer(address,uint256)', values);
        const from = accounts[index % accounts.length] ?? '';
        return { kind: 'erc20_transfer', from, to: contract, data, gas: 100_000 };
      }),
  });
}

/**
 * Mines `blocks` blocks of one transaction with `logsPerBlock` logs (at most about 8,000 fit). With
 * `reorg({ depth: blocks })` afterwards this is the heavy reorg: 64 blocks of 1,560 logs give about
 * 100,000 rows.
 */
export async function mineHeavyBlocks(
  options: FillOptions & { readonly logsPerBlock: number },
): Promise<FilledChain> {
  const random = new SeededRandom(options.seed);
  return fill(options, {
    deployment: () => encodeDeployment('EventEmitter'),
    requests: (contract, accounts) => {
      const values = [BigInt(random.integer(0, 1_000_000)), BigInt(options.logsPerBlock)];
      const data = encodeCall('EventEmitter', 'emitMany(uint256,uint256)', values);
      const gas = 100_000 + options.logsPerBlock * 3_500;
      return [{ kind: 'events', from: random.pick(accounts), to: contract, data, gas }];
    },
  });
}

interface Filling {
  deployment(accounts: readonly string[]): string;
  requests(contract: string, accounts: readonly string[]): readonly TransactionRequest[];
}

async function fill(options: FillOptions, filling: Filling): Promise<FilledChain> {
  const rpc = new NodeRpc(options.url, options.signal);
  await stopMining(rpc);
  const accounts = (await readAccounts(rpc)).slice(0, -1);
  let parent = await readBlock(rpc, 'latest');
  const nonces = await readNonces(rpc, accounts);
  const mine = async (requests: readonly TransactionRequest[]): Promise<MinedBlock> => {
    const step = { parent, requests, nonces, timestampStepSeconds: 12 };
    const { block } = await mineBlock(rpc, step);
    for (const { from } of requests) nonces.set(from, (nonces.get(from) ?? 0) + 1);
    parent = block;
    return block;
  };
  const data = filling.deployment(accounts);
  const deployed = await mine([
    { kind: 'creation', from: accounts[0] ?? '', data, gas: 3_500_000 },
  ]);
  const [contract] = await readCreatedContracts(
    rpc,
    deployed.transactions.map(({ hash }) => hash),
  );
  const firstHeight = parent.height + 1;
  for (let mined = 0; mined < options.blocks; mined += 1) {
    await mine(filling.requests(contract ?? '', accounts));
  }
  return { contract: contract ?? '', firstHeight, lastHeight: parent.height };
}
