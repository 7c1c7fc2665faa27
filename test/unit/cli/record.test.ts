/** What of a recording is hidden, where it is written, and what its command refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { runCli } from '../../../src/cli/cli.ts';
import { FrameFile, fileOf } from '../../../src/cli/record/frame-file.ts';
import { createHider } from '../../../src/cli/record/secrets.ts';
import { recordCommand } from '../../../src/cli/record.ts';
import { recordingIo } from './recording-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'ommer-frames-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const option = { doc: 'Text.', format: String, default: null };

describe('recorded text', () => {
  const hide = createHider(
    {
      http: [
        'https://user:pass%20word@node.example/blocks/v3/0123456789abcdef?apikey=fedcba987654',
      ],
      apiKey: 'a"b\\c',
      chain: 'eip155:1',
    },
    { http: { ...option, sensitive: true }, apiKey: { ...option, sensitive: true }, chain: option },
  );

  it('holds no part of an address that may be a key, however it is written', () => {
    const text =
      'blocks at /v3/0123456789abcdef?apikey=fedcba987654 for user with pass word, pass%20word';
    const hidden = 'blocks at /v3/[hidden]?apikey=[hidden] for [hidden] with [hidden], [hidden]';
    assert.equal(hide(text), hidden);
  });

  it('holds no secret option, not even as text within JSON within JSON', () => {
    const inner = JSON.stringify({ key: 'a"b\\c' });
    const text = JSON.stringify({ text: inner, key: 'a"b\\c', chain: 'eip155:1' });
    const parsed = JSON.parse(hide(text));
    assert.deepEqual(parsed, { text: '{"key":"[hidden]"}', key: '[hidden]', chain: 'eip155:1' });
  });
});

describe('the file of a recording', () => {
  it('is compressed when its name says so, and in a folder when it is none', async () => {
    assert.equal(fileOf('x/y'), join('x/y', 'frames.jsonl'));
    assert.equal(fileOf('x.jsonl.gz'), 'x.jsonl.gz');
    const path = join(folder, 'new', 'a.jsonl.gz');
    const file = new FrameFile(path);
    file.write('{"one":1}');
    await file.drained();
    await file.close();
    assert.equal(gunzipSync(readFileSync(path)).toString(), '{"one":1}\n');
  });

  it('is never overwritten', async () => {
    const path = join(folder, 'there.jsonl');
    writeFileSync(path, 'kept');
    await assert.rejects(new FrameFile(path).close(), {
      code: 'record.unwritable',
      message: /EEXIST\). It is there already/,
    });
    assert.equal(readFileSync(path, 'utf8'), 'kept');
  });

  it('cannot be below another file', () => {
    const path = join(folder, 'there.jsonl', 'a.jsonl');
    assert.throws(() => new FrameFile(path), { code: 'record.unwritable' });
  });
});

describe('ommer record', () => {
  for (const [title, argv, message] of [
    ['a missing source', ['--out', 'x'], /needs --source NAME/],
    ['a missing place', ['--source', 'x'], /needs --out DIR\|FILE/],
    ['a time without a unit', ['--source', 'x', '--out', 'x', '--for', '60'], /such as 500ms, 60s/],
    ['no frames', ['--source', 'x', '--out', 'x', '--frames', '0'], /at least 1/],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const io = recordingIo();
      assert.equal(await runCli(['record', ...argv], [recordCommand], io), 64);
      assert.match(io.err(), message);
    });
  }
});
