/** Decides once per session how call trees are read, so that all its blocks are read alike. */
import type { EvmConfig } from './config.ts';
import type { EvmNode, TraceMethod } from './node.ts';
import type { EvmNodes } from './nodes.ts';

/** The configured method, or what the first node that answers can do. */
export async function traceMethodOf(
  nodes: EvmNodes,
  config: EvmConfig,
  signal: AbortSignal,
): Promise<TraceMethod> {
  if (config.traces === 'off') return 'none';
  if (config.traces !== 'auto') return config.traces;
  return nodes.run((node) => probeTraceMethod(node, signal), signal);
}

/** callTracer where the node has it: it is asked by block hash. */
export async function probeTraceMethod(node: EvmNode, signal: AbortSignal): Promise<TraceMethod> {
  if (await node.canTrace('callTracer', signal)) return 'callTracer';
  return (await node.canTrace('trace_block', signal)) ? 'trace_block' : 'none';
}
