/**
 * A real development chain for integration tests, mined only when told to, with a contract whose
 * every call emits a token transfer.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { anvilBinary } from '../../../src/devnet/anvil.ts';
import { endWithProcess } from '../end-with-process.ts';
import { transferTopic } from './fake-chain.ts';

/** Emits Transfer(caller, second word of the call data, first word of the call data). */
const runtimeCode = `60206000600037602035337f${transferTopic.slice(2)}60206000a300`;
const codeLength = (runtimeCode.length / 2).toString(16).padStart(2, '0');
const initCode = `0x60${codeLength}600c60003960${codeLength}6000f3${runtimeCode}`;

/** Arguments of a node. */
export interface AnvilChainOptions {
  readonly slotsInAnEpoch?: number;
  /** Seconds of the genesis block: another one is another chain. */
  readonly timestamp?: number;
  readonly port?: number;
}

/** So long a node may take on a busy machine. One that takes longer has locked up and never answers. */
const answerMaxMs = 60_000;

/** The node has locked up, as anvil does at times under load: what was to be tested is not wrong. */
export class DeadNodeError extends Error {}

/** Control of one node. `stop` must follow. */
export class AnvilChain {
  readonly port: number;
  readonly #child: ChildProcess;
  #baseFee = 1_000_000;
  accounts: string[] = [];
  token = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Resolves when the node answers; block 1 holds the token contract. */
  static async start(options: AnvilChainOptions = {}): Promise<AnvilChain> {
    const { slotsInAnEpoch = 64, timestamp = 1_700_000_000, port = 0 } = options;
    const child = spawn(
      anvilBinary(),
      [
        ...['--host', '127.0.0.1', '--port', String(port), '--no-mining', '--order', 'fifo'],
        ...['--slots-in-an-epoch', String(slotsInAnEpoch), '--timestamp', String(timestamp)],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    endWithProcess(child);
    const chain = new AnvilChain(child, await listeningPort(child));
    chain.accounts = (await chain.call('eth_accounts')) as string[];
    const [from] = chain.accounts;
    await chain.call('eth_sendTransaction', [{ from, data: initCode, gas: '0x100000' }]);
    await chain.mine();
    const receipts = (await chain.call('eth_getBlockReceipts', ['0x1'])) as {
      contractAddress: string;
    }[];
    chain.token = receipts[0]?.contractAddress ?? '';
    return chain;
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  async call(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const signal = AbortSignal.timeout(answerMaxMs);
    const answered = fetch(this.http, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal,
    }).then((response) => response.json());
    const answer = (await answered.catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      throw new DeadNodeError(`anvil did not answer ${method} in ${answerMaxMs} ms`, { cause });
    })) as { result?: unknown; error?: { message: string } };
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }

  /** False for a node that has locked up or ended; one that has not has a block more then. */
  isAlive(): Promise<boolean> {
    return this.mine().then(
      () => true,
      () => false,
    );
  }

  /** A call that transfers `amount` of the token, not sent yet. */
  transfer(amount: number, account = 0): Record<string, string> {
    const from = this.accounts[account] ?? '';
    const to = (this.accounts[account + 1] ?? '').slice(2).padStart(64, '0');
    const data = `0x${amount.toString(16).padStart(64, '0')}${to}`;
    return { from, to: this.token, data, gas: '0x20000' };
  }

  /** Sends it; returns the hash. It is mined with the next block. */
  async send(transaction: Record<string, string>): Promise<string> {
    return String(await this.call('eth_sendTransaction', [transaction]));
  }

  /** Mines blocks of one transfer each. */
  async mineTransfers(blocks: number): Promise<void> {
    for (let index = 0; index < blocks; index += 1) {
      await this.send(this.transfer(index + 1));
      await this.mine();
    }
  }

  async mine(): Promise<void> {
    await this.call('evm_mine');
  }

  /**
   * Replaces the newest blocks by as many, which hold these transactions (calls or signed ones) at
   * these offsets. Not by `anvil_reorg`: while others read, it can hang the node for good.
   */
  async reorg(
    depth: number,
    transactions: readonly (readonly [unknown, number])[] = [],
  ): Promise<void> {
    await this.rollback(depth);
    for (let offset = 0; offset < depth; offset += 1) {
      for (const [transaction] of transactions.filter(([, at]) => at === offset)) {
        const isSigned = typeof transaction === 'string';
        await this.call(isSigned ? 'eth_sendRawTransaction' : 'eth_sendTransaction', [transaction]);
      }
      // A base fee of its own: the same contents in the same second would be the same block.
      this.#baseFee += 1;
      await this.call('anvil_setNextBlockBaseFeePerGas', [`0x${this.#baseFee.toString(16)}`]);
      await this.mine();
    }
  }

  async rollback(depth: number): Promise<void> {
    await this.call('anvil_rollback', [depth]);
  }

  async headHash(): Promise<string> {
    const head = (await this.call('eth_getBlockByNumber', ['latest', false])) as { hash: string };
    return head.hash;
  }

  /** The chain as the node has it: hash and log count by height. */
  async byHeight(): Promise<Record<number, string>> {
    const head = Number(await this.call('eth_blockNumber'));
    const hashes: Record<number, string> = {};
    for (let height = 0; height <= head; height += 1) {
      const parameter = `0x${height.toString(16)}`;
      const block = (await this.call('eth_getBlockByNumber', [parameter, false])) as {
        hash: string;
      };
      hashes[height] = block.hash;
    }
    return hashes;
  }

  /** All logs of the chain as the node has it, as `blockHash/logIndex/data`. */
  async logs(): Promise<string[]> {
    const filter = { fromBlock: '0x0', toBlock: 'latest' };
    const logs = (await this.call('eth_getLogs', [filter])) as Record<string, string>[];
    return logs.map((log) => `${log['blockHash']}/${Number(log['logIndex'])}/${log['data']}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => {
      this.#child.once('exit', resolve);
    });
    // One that has locked up does not hear a milder signal, and none has anything to lose.
    this.#child.kill('SIGKILL');
    await ended;
  }
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => {
      reject(new DeadNodeError(`anvil did not listen in ${answerMaxMs} ms: ${text}`));
    }, answerMaxMs);
    const read = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (match === null) return;
      clearTimeout(late);
      child.stdout?.off('data', read);
      // The node writes on; an unread pipe would stop it.
      child.stdout?.resume();
      resolve(Number(match[1]));
    };
    child.stdout?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`The node ended with code ${code}: ${text}`));
    });
  });
}
