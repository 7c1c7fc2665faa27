/** CPU profiles of a stretch of this process, for the places where time goes. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Runs `work`; with a directory, writes `<name>.cpuprofile` of it there. */
export async function profiled<T>(
  directory: string | null,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  if (directory === null) return work();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  try {
    return await work();
  } finally {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    writeFileSync(join(directory, `${name}.cpuprofile`), JSON.stringify(profile));
  }
}
