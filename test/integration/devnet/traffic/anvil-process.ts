/** Starts an anvil of its own for one test and stops it with the test. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';

import { NodeRpc } from '../../../../src/devnet/traffic/node-rpc.ts';

/** A running node. */
export interface AnvilProcess {
  readonly url: string;
  readonly rpc: NodeRpc;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

/** Fulfils when the node listens; the process ends with the test at the latest. */
export async function startAnvil(context: TestContext): Promise<AnvilProcess> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const binary = createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/anvil`);
  const child = spawn(
    binary,
    ['--host', '127.0.0.1', '--port', '0', '--timestamp', '1700000000', '--no-mining'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  context.after(stop);
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('anvil did not listen')), startTimeoutMs);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (output.length > 100_000) return;
      output += chunk.toString('utf8');
      const address = /Listening on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(`http://${address}`);
    });
  });
  return { url, rpc: new NodeRpc(url), stop };
}
