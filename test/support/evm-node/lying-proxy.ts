/**
 * A door to a node that can say something else of a block's logs, which the bloom does not tell, and
 * that can keep back what is asked about a block.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Forwards JSON-RPC over HTTP. `close` must follow. */
export class LyingProxy {
  readonly #server: Server;
  /** Log data that is told otherwise, and how. */
  #lie: { readonly truth: string; readonly told: string } | null = null;

  #heldHeight: number | null = null;
  readonly #held = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(node: string): Promise<LyingProxy> {
    const server = createServer();
    const proxy = new LyingProxy(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      await proxy.#turn(body.toString());
      const headers = { 'content-type': 'application/json' };
      try {
        const answer = await fetch(node, { method: 'POST', headers, body });
        response.writeHead(answer.status, headers).end(proxy.#spoilt(await answer.text()));
      } catch {
        response.writeHead(502).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get http(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on transfers of this amount are told as of another; null: the truth. */
  lie(amounts: { readonly truth: number; readonly told: number } | null): void {
    this.#lie = amounts && { truth: word(amounts.truth), told: word(amounts.told) };
  }

  /** From now on requests that name this height are not answered; null: all are, late ones too. */
  hold(height: number | null): void {
    this.#heldHeight = height;
    for (const release of this.#held) release();
    this.#held.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #turn(body: string): Promise<void> {
    const height = this.#heldHeight;
    if (height === null || !body.includes(`"0x${height.toString(16)}"`)) return;
    await new Promise<void>((release) => this.#held.add(release));
  }

  #spoilt(text: string): string {
    if (this.#lie === null) return text;
    return text.replaceAll(`"data":"0x${this.#lie.truth}"`, `"data":"0x${this.#lie.told}"`);
  }
}

function word(amount: number): string {
  return amount.toString(16).padStart(64, '0');
}
