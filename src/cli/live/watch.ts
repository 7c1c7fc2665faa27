/** Feeds the live view: follows the topics, and now and then asks the node what is true. */
import type { Config, SourceConfig } from '../../config/config.ts';
import { ControlDecoder, type ControlRecord } from '../../encoding/control-decoder.ts';
import type { Logger } from '../../model/runtime.ts';
import { systemClock } from '../../model/system-clock.ts';
import { follow } from '../../publishing/partition-follower.ts';
import { registryFrom } from '../configuration.ts';
import { changeOf } from '../tail/change.ts';
import { RecordDecoder } from '../tail/decoder.ts';
import type { LiveView } from './live-view.ts';
import { countLogs } from './node-logs.ts';

export interface WatchOptions {
  readonly config: Config;
  readonly source: SourceConfig;
  /** The node's JSON-RPC address; null where there is nobody to ask. */
  readonly node: string | null;
  readonly view: LiveView;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Blocks between two questions to the node. */
const verifyEveryBlocks = 10;

/** Until aborted. */
export async function watch(options: WatchOptions): Promise<void> {
  const { config, source, node, view, logger, signal } = options;
  const topicOf = (dataset: string) =>
    source.routes.find((route) => route.dataset === dataset)?.topic ?? '';
  const transfers = topicOf('token_transfers');
  const registry = registryFrom(config);
  const decoder = new RecordDecoder(registry);
  const controls = new ControlDecoder((id) => registry.byId(id));
  const kafka = { kafka: config.kafka, clock: systemClock, logger, stallTimeoutMs: 60_000 };
  const request = {
    topics: node === null ? [source.controlTopic] : [source.controlTopic, transfers],
    from: 'beginning',
    isolation: 'read_committed',
    signal,
  } as const;
  for await (const records of follow(kafka, request)) {
    for (const record of records) {
      if (record.topic === source.controlTopic) {
        const control = await controls.decode(record);
        view.control(control);
        await verify(options, control, topicOf('logs'));
        continue;
      }
      const value = await decoder.decode(record.value);
      if (value !== null) showExample(view, changeOf(record, null, value));
    }
  }
}

function showExample(view: LiveView, change: ReturnType<typeof changeOf>): void {
  if (change.kind !== 'retraction' || change.reorgId === null) return;
  const { height, from_address: from, to_address: to, amount } = change.row;
  view.example({
    reorgId: change.reorgId,
    height: Number(height),
    from: String(from),
    to: String(to),
    amount: String(amount),
  });
}

/** Only where the node still has the block that the topics end with: otherwise a reorg is coming. */
async function verify(
  { node, view }: WatchOptions,
  { kind, height, hash }: ControlRecord,
  topic: string,
): Promise<void> {
  if (node === null || kind !== 'block' || height === null || hash === null) return;
  if (height === 0 || height % verifyEveryBlocks !== 0) return;
  const found = await countLogs(node, { height, hash });
  if (found !== null) view.verdict(height, { kafka: view.tally.liveOf(topic), node: found });
}
