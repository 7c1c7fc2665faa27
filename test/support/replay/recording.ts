/** What `ommer record` wrote, read back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { WireFrame } from '../../../src/transport/frame-tap.ts';

export interface Recording {
  readonly source: {
    readonly name: string;
    readonly kind: string;
    readonly chain: string;
    readonly datasets: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
  };
  readonly frames: readonly WireFrame[];
}

/** Reads a file of either form. */
export function readRecording(file: string | URL): Recording {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  const [header, ...frames] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert(header?.kind === 'recording' && header.version === 1, `${file} is no recording`);
  return { source: header.source, frames };
}
