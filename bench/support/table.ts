/** Figures as lines that people read. */
import { type BenchResult, type Figure, isWithin } from './bench.ts';
import { rounded } from './statistics.ts';

/** One line per figure: what, measured, budget, verdict. */
export function table(bench: string, { figures }: BenchResult): string {
  const rows = figures.map((figure) => [
    figure.what,
    `${rounded(figure.value)} ${figure.unit}`,
    budgetText(figure),
    verdict(figure),
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0), 0),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`\n== ${bench}`, ...lines].join('\n');
}

function budgetText({ budget, unit }: Figure): string {
  if (budget === null) return '';
  return 'atLeast' in budget ? `≥ ${budget.atLeast} ${unit}` : `≤ ${budget.atMost} ${unit}`;
}

function verdict(figure: Figure): string {
  const within = isWithin(figure);
  return within === null ? '' : within ? 'ok' : 'MISSED';
}
