/** What no file of the tree says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documents, read, treeFiles } from './tree.ts';

/** Places of one machine, and hosts that packages come from: neither is the reader's. */
const foreign = [
  /(?<![\w.])\/(?:work|root|home\/\w+)\//,
  /\/tmp\/lab\b/,
  /\bregistry\.npm\w*\.\w+/,
  /\brepo1?\.maven\./,
  /\bartifactory\b/i,
];

const unwanted = [
  /\b(?:TODO|FIXME|XXX)\b/,
  /\p{Emoji_Presentation}/u,
  /\b(?:blazing|seamless|effortless|cutting-edge|world-class|powerful|revolutionary)/i,
  /\b(?:AI|LLM|assistant|language model)\b/,
];

function assertNone(files: readonly string[], patterns: readonly RegExp[]): void {
  for (const file of files) {
    for (const [index, line] of read(file).split('\n').entries()) {
      const found = patterns.find((pattern) => pattern.test(line));
      assert.equal(found, undefined, `${file}:${index + 1}: ${line.slice(0, 120)}`);
    }
  }
}

test('no file names a path of one machine or a host of a package registry', () => {
  assertNone(treeFiles(), foreign);
});

test('no document has open ends, emojis or advertising', () => {
  assertNone(documents, unwanted);
});
