/** The REST side of a node: the answers of the routes as HTTP, and the faults that strike them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'lossless-json';
import { waitOut } from '../../simulator/faults.ts';
import type { BasaltNode } from '../node.ts';
import { type Answer, answerTo } from './routes.ts';

/** What the REST side needs. */
export interface RestOptions {
  readonly node: BasaltNode;
  readonly chainId: number;
  now(): number;
  /** Replaces the last blocks; called by a fault. */
  reorganize(depth: number): void;
}

const html = '<html><body><h1>502 Bad Gateway</h1></body></html>';

/** Answers one request. Rejects only when the connection is gone. */
export async function answerRest(
  options: RestOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const path = url.pathname;
  const { node, chainId } = options;
  const { faults } = node;
  const slow = faults.take('rest-delay', { path });
  if (slow !== undefined) await waitOut(slow);
  if (faults.take('rest-reset', { path }) !== undefined) {
    request.socket.destroy();
    return;
  }
  const nowMs = options.now();
  const answer =
    insteadOf(options, path) ??
    answerTo({ node, chainId, nowMs, path, parameters: url.searchParams });
  const isTruncated = faults.take('rest-truncated', { path }) !== undefined;
  send(response, answer, isTruncated);
  const reorg = faults.take('rest-reorg', { path });
  if (reorg !== undefined) options.reorganize(reorg.request.depth ?? 1);
}

/** Answers that a fault gives in place of the node. */
function insteadOf({ node: { faults } }: RestOptions, path: string): Answer | undefined {
  const failure = faults.take('rest-status', { path });
  if (failure !== undefined) return { status: failure.request.status ?? 500 };
  if (faults.take('rest-missing', { path }) !== undefined) return { status: 404 };
  const text = faults.take('rest-text', { path });
  return text === undefined ? undefined : { status: 200, text: text.request.text ?? html };
}

function send(response: ServerResponse, answer: Answer, isTruncated: boolean): void {
  const { status, text } = answer;
  if (text !== undefined) {
    response.writeHead(status, { 'content-type': 'text/html' }).end(text);
    return;
  }
  // The library's stringify writes u64 values as the numbers that they are.
  const json = answer.body === undefined ? undefined : stringify(answer.body);
  if (json === undefined) {
    response.writeHead(status, { 'content-length': 0 }).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(isTruncated ? json.slice(0, json.length / 2) : json);
}
