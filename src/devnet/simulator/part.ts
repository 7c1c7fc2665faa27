/** What is the same of every simulator that runs as a part of the devnet, in its own process. */
import type { Listening } from './loopback-server.ts';
import type { Production } from './production.ts';

/** How a chain is drawn. */
export interface ChainSettings {
  /** Default `1`. */
  readonly seed?: string;
  /** Each simulator has its own default. */
  readonly blockTimeMs?: number;
}

/** A running part. */
export interface SimulatedPart<S> {
  readonly simulator: S;
  /** Carries out what another process asks for. Throws `devnet.request_refused`. */
  command(request: unknown): unknown;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** A part of what produces blocks and what shows them. */
export function simulatedPart<S>(
  simulator: S,
  parts: {
    readonly production: Production;
    readonly server: Listening;
    readonly command: (simulator: S, production: Production, request: unknown) => unknown;
  },
): SimulatedPart<S> {
  const { production, server, command } = parts;
  let stopping: Promise<void> | undefined;
  return {
    simulator,
    command: (request) => command(simulator, production, request),
    stop: () => {
      production.pause();
      stopping ??= server.close();
      return stopping;
    },
  };
}
