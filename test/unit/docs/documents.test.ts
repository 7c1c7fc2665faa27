/** What documents point at exists: links, commands, options, scripts, test titles. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { commands } from '../../../src/cli/commands.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { sources } from '../../../src/sources/registry.ts';
import { codeOf, documents, read, root, treeFiles } from './tree.ts';

const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
const npmOwn = ['start', 'test', 'install', 'pack'];

describe('every document', () => {
  it('links to files and headings that exist', () => {
    assert.ok(documents.length > 10);
    for (const document of documents) {
      for (const { path, anchor } of linksOf(document)) {
        assert.ok(existsSync(root + path), `${document} links to ${path}`);
        if (anchor !== undefined) {
          assert.ok(anchorsOf(path).includes(anchor), `${document} links to ${path}#${anchor}`);
        }
      }
    }
  });

  it('names commands and options that the command line has', () => {
    for (const { document, line, name, rest } of callsOf()) {
      const command = commands.find((each) => each.name === name);
      assert.ok(command !== undefined, `${document}: "${line}" is no command`);
      for (const [, option] of rest.matchAll(/--([a-z-]+)/g)) {
        const known = [...Object.keys(command.options), 'help'];
        assert.ok(known.includes(option ?? ''), `${document}: "${line}" has no --${option}`);
      }
    }
  });

  it('names scripts and files that can be run', () => {
    for (const document of documents) {
      for (const line of codeOf(read(document))) {
        const script = /\bnpm (?:run )?([a-z]+)\b/.exec(line)?.[1];
        if (script !== undefined) {
          assert.ok(script in scripts || npmOwn.includes(script), `${document}: "${line}"`);
        }
        for (const [file] of line.matchAll(/\b(?:scripts|test|src|docs|schemas)\/[\w/.-]+\.\w+/g)) {
          const path = join(root, file);
          assert.ok(existsSync(path), `${document}: "${line}" names ${file}`);
        }
      }
    }
  });
});

describe('README.md', () => {
  it('names for each guarantee tests that exist', () => {
    const rows = [...read('README.md').matchAll(/^\| G(\d) \|.*\| (.+) \|$/gm)];
    assert.deepEqual(
      rows.map(([, number]) => Number(number)),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    for (const [row, , proofs] of rows) {
      const tests = [...(proofs ?? '').matchAll(/\]\((test\/[^)]+\.test\.ts)\)/g)];
      assert.ok(tests.length > 0, row);
      for (const [, file] of tests) assert.ok(existsSync(root + file), file);
    }
  });

  it('shows a configuration that loads, and every source', () => {
    const text = read('README.md');
    const [, yaml] = /^```yaml\n(.*?)^```/ms.exec(text) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'ommer-readme-'));
    try {
      const file = join(folder, 'ommer.yaml');
      writeFileSync(file, yaml ?? '');
      const config = loadConfig({ file, environment: {}, definitions: sources });
      assert.equal(config.sources.length, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
    for (const [kind, { channels }] of Object.entries(sources)) {
      const row = new RegExp(`^\\| \`${kind}\` \\|.*`, 'm').exec(text)?.[0] ?? '';
      for (const dataset of Object.keys(channels))
        assert.ok(row.includes(`\`${dataset}\``), dataset);
    }
  });

  it('lists every command', () => {
    const listed = [...read('README.md').matchAll(/^\| `ommer (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual([...new Set(listed)].sort(), commands.map(({ name }) => name).sort());
  });
});

describe('the standard for sources', () => {
  it('quotes titles that the conformance suite has, all of them, and counts its rules', () => {
    const text = read('docs/adding-a-source.md');
    const quoted = [...text.matchAll(/conformance: “([^”]+)”/g)].map(([, title]) => title);
    const suite = read('test/conformance/sources.test.ts');
    const titles = [...suite.matchAll(/^\s*it\(\s*'([^']+)'/gm)].map(([, title]) => title);
    assert.deepEqual([...quoted].sort(), [...titles].sort());
    const numbers = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });
});

interface Link {
  readonly path: string;
  readonly anchor: string | undefined;
}

function linksOf(document: string): Link[] {
  const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, target]) => target ?? '',
  );
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#');
      return { path: file === '' ? document : normalize(join(dirname(document), file)), anchor };
    });
}

/** Headings as the usual renderers make anchors of them. */
function anchorsOf(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title ?? '')
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  );
}

/** `ommer NAME …` and `npm run ommer -- NAME …` wherever code is shown. */
function callsOf() {
  const isCommand = /^(?:\$ )?(?:npm run ommer -- |npx ommer |ommer )([a-z]\w*)(.*)$/;
  const calls = documents.flatMap((document) =>
    codeOf(read(document)).flatMap((line) => {
      const [, name, rest] = isCommand.exec(line) ?? [];
      return name === undefined ? [] : [{ document, line, name, rest: rest ?? '' }];
    }),
  );
  assert.ok(calls.length > 20 && treeFiles().length > 200);
  return calls;
}
