/** One JSON log line as people read it: time, level, source, phrase, fields. */

const colors: Readonly<Record<string, string>> = {
  debug: '\u001b[90m',
  info: '\u001b[36m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};
const dim = '\u001b[2m';
const reset = '\u001b[0m';

/** Ends with a line break, as the line it is made of. */
export function prettyLine(json: string, hasColors: boolean): string {
  const { time, level, source, msg, err, ...fields } = JSON.parse(json) as {
    readonly [name: string]: unknown;
  };
  const paint = (color: string, text: string): string =>
    hasColors ? `${color}${text}${reset}` : text;
  const label = String(level);
  const parts = [
    paint(dim, String(time).slice(11, 23)),
    paint(colors[label] ?? '', label.toUpperCase().padEnd(5)),
    ...(source === undefined ? [] : [`[${String(source)}]`]),
    String(msg ?? ''),
    ...Object.entries(fields).map(([name, value]) => paint(dim, `${name}=${fieldText(value)}`)),
  ];
  return `${parts.join(' ')}\n${errorLines(err)}`;
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}

function errorLines(err: unknown): string {
  if (err === undefined) return '';
  if (typeof err !== 'object' || err === null) return `    ${String(err)}\n`;
  const { code, message, cause, stack } = err as Readonly<Record<string, unknown>>;
  const lines = [
    `${code === undefined ? '' : `${String(code)}: `}${String(message)}`,
    ...(cause === undefined ? [] : [`because: ${String(cause)}`]),
    ...(stack === undefined ? [] : String(stack).split('\n').slice(1)),
  ];
  return lines.map((line) => `    ${line.trimStart()}\n`).join('');
}
