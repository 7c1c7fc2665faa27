/**
 * Reading the log files of child processes: for readiness and for error messages.
 */
import { open, readFile, stat } from 'node:fs/promises';

/** The size of the file in bytes; 0 when it does not exist. */
export async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found?.size ?? 0;
}

/** What was written to the file from this offset on. */
export async function textSince(file: string, offsetBytes: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - offsetBytes));
    await handle.read(buffer, 0, buffer.length, offsetBytes);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}

/** The last lines of the file; a remark when it cannot be read. */
export async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '(no output)');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
