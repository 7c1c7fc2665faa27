/**
 * The JVM's class data archive of a folder of jars: with it a broker or registry starts in about
 * half the time. The first run that ends gracefully leaves it; without it everything works.
 */
import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DevnetProcess } from './process.ts';

/** How one JVM takes part. */
export interface ClassArchive {
  /** For the JVM's command line. */
  readonly options: readonly string[];
  /** For a tool of the same jars: reads the archive, never records one. */
  readonly toolOptions: readonly string[];
  /** Graceful ends take this much longer, because the JVM writes the archive then. */
  readonly extraGraceMs: number;
  /** Call when the process has ended: keeps what it wrote, if it wrote all of it. */
  keep(process: DevnetProcess): Promise<void>;
}

const writingMs = 20_000;
// What a JVM that handled SIGTERM answers; after SIGKILL the file may be half.
const gracefulCode = 143;

/** Uses the archive in the folder of jars, or else records one. */
export async function classArchiveOf(jars: string): Promise<ClassArchive> {
  const file = join(jars, 'classes.jsa');
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) return using([`-XX:SharedArchiveFile=${file}`, '-Xlog:cds=off']);
  const recorded = `${file}.${process.pid}`;
  return {
    options: [`-XX:ArchiveClassesAtExit=${recorded}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'],
    toolOptions: [],
    extraGraceMs: writingMs,
    async keep({ ending }) {
      if (ending?.code === gracefulCode) await rename(recorded, file).catch(() => undefined);
      await rm(recorded, { force: true });
    },
  };
}

/** Takes no part; for the second and third JVM of the same jars. */
export const noClassArchive: ClassArchive = using([]);

function using(options: readonly string[]): ClassArchive {
  return { options, toolOptions: options, extraGraceMs: 0, keep: () => Promise.resolve() };
}
