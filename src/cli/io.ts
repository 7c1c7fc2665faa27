/** What a command sees of the process: streams, environment, the wish to stop. */

/** A stream for text. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal. */
  readonly columns?: number | undefined;
}

export interface Io {
  /** Data and verdicts. */
  readonly stdout: Output;
  /** Log lines and errors. */
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What somebody types, line by line; absent where nobody can. Reading it keeps no process alive. */
  readonly input?: NodeJS.ReadableStream | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Styles of text on a terminal; each returns plain text where colours are not wanted. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  struck(text: string): string;
}

/** True when this stream takes colours: a terminal, and nobody set `NO_COLOR`. */
export function hasColors(output: Output, environment: Io['environment']): boolean {
  const { NO_COLOR: noColor } = environment;
  return output.isTTY === true && (noColor === undefined || noColor === '');
}

export function createPaint(isColored: boolean): Paint {
  const style =
    (open: number, close: number) =>
    (text: string): string =>
      isColored ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    struck: style(9, 29),
  };
}

/** One JSON object per line. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value)}\n`);
}
