/** The package as somebody installs it: packed, installed in an empty folder, run and compiled there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Packs the folder and installs the package, as it does with one of a registry, instead of a link. */
const npmPacked = ['--install-links'];
const npmQuiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
let folder: string;
let packed: readonly string[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ommer-package-'));
  // Compiles what is not compiled yet.
  await run(process.execPath, [join(root, 'scripts/ommer.mjs'), '--version']);
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await run('npm', ['install', ...npmPacked, ...npmQuiet, root], { cwd: folder });
  const installed = join(folder, 'node_modules/ommer');
  const entries = await readdir(installed, { recursive: true, withFileTypes: true });
  packed = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(installed, join(parentPath, name)));
});

after(() => rm(folder, { recursive: true, force: true }));

test('the package holds the compiled program, schemas, examples and the devnet, and nothing else', () => {
  for (const path of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/main.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/consumer.js',
    'dist/consumer.d.ts',
    'schemas/evm/logs.avsc',
    'schemas/common/checkpoint.avsc',
    'config/production.yaml',
    'examples/ommer.yaml',
    'examples/flink/statements.sql',
    'examples/consumer/totals.mjs',
    'devnet/pom.xml',
    'devnet/contracts/artifacts/Erc20Token.json',
  ]) {
    assert.ok(packed.includes(path), path);
  }
  const documents = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json'];
  const folders = /^(?:dist|schemas|config|devnet|docs|examples)\//;
  const others = packed.filter((path) => !folders.test(path) && !documents.includes(path));
  assert.deepEqual(others, []);
  assert.deepEqual(
    packed.filter((path) => /\.test\.|\/\.devnet\/|\.log$|\.jar$|(?<!\.d)\.ts$/.test(path)),
    [],
  );
});

test('the installed command explains itself and finds its schemas', async () => {
  const ommer = join(folder, 'node_modules/.bin/ommer');
  const help = await run(ommer, ['--help'], { cwd: folder });
  assert.match(help.stdout, /^Usage: ommer <command>/m);
  const config = `
kafka: { brokers: ["127.0.0.1:9092"] }
sources:
  mainnet: { kind: evm, chain: "eip155:1", http: ["http://127.0.0.1:8545"] }
`;
  await writeFile(join(folder, 'ommer.yaml'), config);
  const listed = await run(ommer, ['schemas', 'list'], { cwd: folder });
  assert.match(listed.stdout, /ommer\.eip155-1\.logs-value/);
  assert.match(listed.stdout, /ommer\.checkpoints-key/);
});

test('a program in TypeScript compiles against the declarations', async () => {
  const consumer = `
import { type ErrorCode, PipelineError, type Row, type SourceDefinition } from 'ommer';
import { openReader, sum } from 'ommer/consumer';
const reader = openReader({
  kafka: { brokers: ['127.0.0.1:9092'] },
  registry: { url: 'http://127.0.0.1:8081' },
  topics: [{ dataset: 'evm/token_transfers', chain: 'eip155:1' }],
});
const received = reader.map({
  entries: ({ row }) => [[\`\${row.token_address} \${row.to_address}\`, row.amount] as const],
  fold: sum(),
});
export const follow = () => reader.runSteps((step) => received.take(step));
export const codeOf = (error: unknown): ErrorCode | null =>
  error instanceof PipelineError ? error.code : null;
export type Kind = SourceDefinition<{ url: string }, { row: Row }>['kind'];
const kind: Kind = 'mine';
console.log(kind, codeOf(new Error('other')), received.height);
`;
  await writeFile(join(folder, 'consumer.ts'), consumer);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const strict = ['--strict', '--module', 'nodenext', '--target', 'es2023'];
  const compiled = await run(process.execPath, [tsc, ...strict, 'consumer.ts'], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error);
  assert.equal(compiled.stdout, '');
  const { stdout } = await run(process.execPath, ['consumer.js'], { cwd: folder });
  assert.equal(stdout, 'mine null -1\n');
});
