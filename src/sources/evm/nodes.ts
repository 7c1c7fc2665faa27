/** The nodes of an EVM source. */
import { JsonRpcEndpoint } from '../../transport/json-rpc.ts';
import { AdmittedNodes } from '../following/admitted-nodes.ts';
import type { SourceRuntime } from '../source.ts';
import type { EvmConfig } from './config.ts';
import { EvmNode } from './node.ts';

export type EvmNodes = AdmittedNodes<EvmNode>;

/** Cheap, no I/O. */
export function createEvmNodes(config: EvmConfig, runtime: SourceRuntime): EvmNodes {
  const { clock, metrics, name: source } = runtime;
  return new AdmittedNodes(
    config,
    runtime,
    (http) => new EvmNode(new JsonRpcEndpoint(http, config), { source, clock, metrics }),
  );
}
