/**
 * Apicurio Registry on loopback, with the Confluent API. Settings that decide what it accepts stay
 * at its defaults, so that what works against it works against a registry nobody has tuned.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { classArchiveOf } from './class-archive.ts';
import { jarsOf } from './jars.ts';
import { loopback, portsFor } from './ports.ts';
import { DevnetProcess } from './process.ts';
import { answersOk } from './ready.ts';

/** What to start. */
export interface RegistryOptions {
  readonly dataDir: string;
  readonly libDir?: string;
  /** Keeps schemas on disk over restarts; else they live in memory, as is its default. */
  readonly keepData?: boolean;
}

/** A running registry. */
export interface Registry {
  /** Base URL of the Confluent API. */
  readonly url: string;
  readonly process: DevnetProcess;
  /**
   * Ends it and starts it again on the same port. It forgets all schemas if `empty`, or if they
   * live in memory.
   */
  restart(options?: { readonly empty?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

const runner = 'apicurio-registry-app-3.0.9-runner.jar';

/** Resolves when the registry answers. Nothing is left running when it throws. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const jars = await jarsOf('registry', options.libDir);
  const home = join(options.dataDir, 'registry');
  const archive = await classArchiveOf(jars);
  const { registry: port } = await portsFor(options.dataDir, ['registry']);
  if (options.keepData !== true) await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const url = `http://${loopback}:${port}/apis/ccompat/v7`;
  const child = new DevnetProcess({
    name: 'registry',
    command: 'java',
    args: [
      ...archive.options,
      ...javaOptions(port, home, options.keepData === true),
      '-jar',
      join(jars, runner),
    ],
    cwd: home,
    logFile: join(options.dataDir, 'logs', 'registry.log'),
    port,
    ready: answersOk(`${url}/subjects`),
    readyTimeoutMs: 120_000,
    stopGraceMs: 3_000 + archive.extraGraceMs,
  });
  await child.start();
  return {
    url,
    process: child,
    async restart({ empty = false } = {}) {
      await child.stop();
      if (empty) await rm(home, { recursive: true, force: true });
      await mkdir(home, { recursive: true });
      await child.start();
    },
    async stop() {
      await child.stop();
      await archive.keep(child);
    },
  };
}

function javaOptions(port: number, home: string, keepData: boolean): readonly string[] {
  const storage = keepData
    ? [`-Dapicurio.datasource.url=jdbc:h2:file:${join(home, 'schemas')}`]
    : [];
  return [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dquarkus.http.host=${loopback}`,
    `-Dquarkus.http.port=${port}`,
    '-Dquarkus.http.access-log.enabled=false',
    '-Dquarkus.log.console.json=false',
    ...storage,
  ];
}
