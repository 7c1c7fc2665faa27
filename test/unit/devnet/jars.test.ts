import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./fetch-jars.ts', import.meta.url));
let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ommer-jars-'));
});

after(() => rm(root, { recursive: true, force: true }));

/** A cache, and a stand-in for Maven that counts its runs in the cache's `runs` file. */
async function withMaven(name: string, body: string): Promise<{ lib: string; path: string }> {
  const bin = join(root, name, 'bin');
  const lib = join(root, name, 'lib');
  await mkdir(bin, { recursive: true });
  await mkdir(lib, { recursive: true });
  const maven = join(bin, 'mvn');
  await writeFile(maven, `#!/bin/sh\necho run >> "${join(root, name, 'runs')}"\n${body}\n`);
  await chmod(maven, 0o755);
  return { lib, path: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) };
}

const fill = [
  'for a in "$@"; do case "$a" in -Dlib.directory=*) out=$(echo "$a" | cut -d= -f2);; esac; done',
  'sleep 0.5; echo jar > "$out/a.jar"',
].join('\n');

async function fetchJars(at: { lib: string; path: string }): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, at.lib], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: at.path },
  });
  const chunks: string[] = [];
  child.stdout.on('data', (chunk) => chunks.push(String(chunk)));
  await once(child, 'close');
  return chunks.join('');
}

async function runsOf(name: string): Promise<number> {
  const text = await readFile(join(root, name, 'runs'), 'utf8');
  return text.trim().split('\n').length;
}

test('of several processes that want the jars at once, one fetches; later ones need no Maven', async () => {
  const at = await withMaven('shared', fill);
  const folder = join(at.lib, 'kafka');
  const answers = await Promise.all([fetchJars(at), fetchJars(at), fetchJars(at)]);
  assert.deepEqual(answers, [folder, folder, folder]);
  assert.equal(await runsOf('shared'), 1);
  await rm(join(root, 'shared', 'bin'), { recursive: true });
  assert.equal(await fetchJars({ lib: at.lib, path: join(root, 'shared', 'bin') }), folder);
  assert.equal(await readFile(join(folder, 'a.jar'), 'utf8'), 'jar\n');
});

test('jars of other coordinates are fetched again', async () => {
  const at = await withMaven('other', fill);
  await fetchJars(at);
  await writeFile(join(at.lib, 'kafka', '.complete'), 'the hash of another pom');
  await fetchJars(at);
  assert.equal(await runsOf('other'), 2);
});

test('when Maven fails its last words are told and nothing is left in place', async () => {
  const at = await withMaven('failing', 'echo "no such artifact"; exit 1');
  const answer = await fetchJars(at);
  assert.match(answer, /^devnet\.start_failed.*Maven ended with code 1[\s\S]*no such artifact/);
  assert.deepEqual(await readdir(at.lib), ['kafka.maven.log']);
});

test('without Maven the error says what to install', async () => {
  const at = await withMaven('absent', fill);
  await rm(join(root, 'absent', 'bin', 'mvn'));
  const bin = join(root, 'absent', 'bin');
  await writeFile(join(bin, 'sh'), '#!/bin/sh\nPATH=/nowhere exec /bin/sh "$@"\n');
  await chmod(join(bin, 'sh'), 0o755);
  const answer = await fetchJars({ lib: at.lib, path: bin });
  assert.match(answer, /^devnet\.start_failed.*install Maven and a Java 17 runtime/);
});
