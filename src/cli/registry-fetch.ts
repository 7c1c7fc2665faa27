/** Requests to a registry whose certificate an authority of one's own has signed. */
import { Agent, fetch as undiciFetch } from 'undici';

/** A `fetch` that trusts this authority (PEM) and no other. */
export function registryFetch(ca: string): typeof fetch {
  const dispatcher = new Agent({ connect: { ca } });
  const call = (input: unknown, init: unknown): unknown =>
    undiciFetch(input as string, { ...(init as object), dispatcher });
  return call as typeof fetch;
}
