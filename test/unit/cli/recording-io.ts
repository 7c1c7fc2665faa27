/** An `Io` that keeps what a command writes. */
import type { Io } from '../../../src/cli/io.ts';

export interface RecordingIo extends Io {
  out(): string;
  err(): string;
}

export function recordingIo(
  options: { environment?: Io['environment']; isTTY?: boolean; signal?: AbortSignal } = {},
): RecordingIo {
  const written = { out: '', err: '' };
  const { environment = {}, isTTY = false, signal = new AbortController().signal } = options;
  const output = (name: 'out' | 'err') => ({
    isTTY,
    write: (text: string) => {
      written[name] += text;
    },
  });
  return {
    stdout: output('out'),
    stderr: output('err'),
    environment,
    signal,
    out: () => written.out,
    err: () => written.err,
  };
}
