/** A recording on disk: one JSON object a line, what was recorded first and then every frame. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FatalError } from '../../model/errors.ts';

/** `FILE.jsonl` and `FILE.jsonl.gz` are files; anything else is a folder, for `frames.jsonl`. */
export function fileOf(out: string): string {
  return /\.jsonl(\.gz)?$/.test(out) ? out : join(out, 'frames.jsonl');
}

/** One new file; `close` must follow. Throws `record.unwritable` where it cannot be written. */
export class FrameFile {
  readonly #file: string;
  readonly #lines: Transform;
  readonly #written: Promise<void>;
  #failure: unknown;

  /** Never overwrites: a recording cannot be had again. */
  constructor(file: string) {
    this.#file = file;
    this.#lines = file.endsWith('.gz') ? createGzip() : new PassThrough();
    try {
      mkdirSync(dirname(file), { recursive: true });
    } catch (error) {
      throw this.#unwritable(error);
    }
    this.#written = pipeline(this.#lines, createWriteStream(file, { flags: 'wx' }));
    // It is told where somebody waits for it: in `drained` or `close`.
    this.#written.catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Takes a line at once; `drained` says when more may come. */
  write(text: string): void {
    if (!this.#lines.destroyed) this.#lines.write(`${text}\n`);
  }

  /** Resolves when the disk has kept up. */
  async drained(): Promise<void> {
    if (this.#failure !== undefined) throw this.#unwritable(this.#failure);
    if (!this.#lines.writableNeedDrain) return;
    const drain = new Promise<void>((resolve) => this.#lines.once('drain', () => resolve()));
    await Promise.race([drain, this.#settled()]);
  }

  /** Everything is on disk. */
  async close(): Promise<void> {
    this.#lines.end();
    await this.#settled();
  }

  async #settled(): Promise<void> {
    try {
      await this.#written;
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  #unwritable(error: unknown): FatalError {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const advice =
      reason === 'EEXIST'
        ? 'It is there already, and a recording is never overwritten: name another.'
        : 'Name a place that exists and may be written.';
    return new FatalError('record.unwritable', {
      stage: 'cli',
      message: `The recording ${this.#file} cannot be written (${reason}). ${advice}`,
      context: { file: this.#file, reason },
    });
  }
}
