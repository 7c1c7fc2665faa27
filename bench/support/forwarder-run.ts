/** Runs the bare forwarder in a process of its own and takes its figures. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Topics } from '../../src/publishing/topics.ts';
import { profileArguments } from './ommer-run.ts';
import type { Scene } from './scene.ts';
import { benchLogger, openStage } from './stage.ts';

export interface ForwarderOrder {
  readonly url: string;
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly from: number;
  readonly to: number;
}

export interface Forwarded {
  readonly blocks: number;
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export const forwarderTopics = ['blocks', 'transactions', 'logs', 'token_transfers'] as const;

/** Creates its topics, with the partitions that ommer's have, and runs it once. */
export async function runForwarder(
  scene: Scene,
  range: { readonly from: number; readonly to: number },
): Promise<Forwarded> {
  const stage = await openStage(scene, { datasets: ['blocks'] });
  stage.close();
  const prefix = scene.nextPrefix();
  const { kafka, topics } = stage.config;
  const specs = forwarderTopics.map((name) => ({
    name: `${prefix}.${name}`,
    kind: 'changelog' as const,
    partitions: topics.partitions,
    replicationFactor: topics.replicationFactor,
    config: {},
  }));
  await new Topics(kafka, benchLogger).apply(specs, { grow: false });
  const { http: url } = scene.devnet.evm;
  return askChild<ForwarderOrder, Forwarded>(scene, new URL('forwarder.ts', import.meta.url), {
    url,
    brokers: kafka.brokers,
    prefix,
    ...range,
  });
}

/** Starts a script, gives it an order, and resolves to its one answer. */
export async function askChild<O extends object, A>(
  scene: Scene,
  script: URL,
  order: O,
): Promise<A> {
  const child = fork(fileURLToPath(script), [], {
    execArgv: [
      ...profileArguments(scene.options.profileDir),
      '--import',
      'tsx',
      '--import',
      fileURLToPath(new URL('compiled.mjs', import.meta.url)),
    ],
  });
  try {
    return await new Promise<A>((resolve, reject) => {
      child.once('message', (answer) => resolve(answer as A));
      child.once('exit', (code) => reject(new Error(`${script.pathname} ended with ${code}`)));
      child.send(order);
    });
  } finally {
    child.disconnect();
  }
}
