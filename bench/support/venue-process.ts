/** A venue of `bench/support` in a process of its own: it gets one order and answers where it is. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A venue that runs. */
export interface VenueProcess<A> {
  readonly answer: A;
  /** Tells it more. */
  send(message: object): void;
  close(): void;
}

/** `name` is the file's, without extension. */
export async function openVenue<O extends object, A>(
  name: string,
  order: O,
): Promise<VenueProcess<A>> {
  const child: ChildProcess = fork(fileURLToPath(new URL(`${name}.ts`, import.meta.url)), [], {
    execArgv: [
      ...['--import', 'tsx', '--import'],
      fileURLToPath(new URL('compiled.mjs', import.meta.url)),
    ],
  });
  child.send(order);
  const [answer] = (await once(child, 'message')) as [A];
  return {
    answer,
    send: (message) => void child.send(message),
    close: () => child.disconnect(),
  };
}
