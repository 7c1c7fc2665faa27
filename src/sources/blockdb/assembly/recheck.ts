/**
 * Bars once more: a bar is corrected after its bucket closed, and the stream may lose that after REST was
 * compared. So REST is asked again of the bars of blocks that are about to be final. Pure.
 */
import type { BlockHeader } from '../../../model/block.ts';
import type { Assembler } from './assembler.ts';
import type { KeyedRow } from './said-row.ts';

/** What REST says now of the bars that these blocks closed. */
export interface Recheck {
  readonly headers: readonly BlockHeader[];
  /** With the heights of their blocks. */
  readonly rows: readonly (readonly [number, KeyedRow])[];
  /** The bar datasets that were asked for. */
  readonly covers: ReadonlySet<string>;
}

/** The lowest run of blocks that were compared while shallow and are now deep enough to be final. */
export function dueForRecheck(
  { heights, auditedTo, newestHeight }: Assembler,
  confirmations: number,
): readonly BlockHeader[] {
  const upTo = Math.min(auditedTo, newestHeight - confirmations);
  const due = [...heights.values()]
    .flatMap(({ current }) => (current?.isRecheckDue ? [current.header] : []))
    .filter(({ height }) => height <= upTo)
    .sort((a, b) => a.height - b.height);
  return due.filter(({ height }, index) => height === (due[0]?.height ?? 0) + index);
}

/** Where REST says something else than before, all of the block is to be compared again. */
export function takeRecheck(assembler: Assembler, { headers, rows, covers }: Recheck): void {
  for (const { height, hash } of headers) {
    const block = assembler.heights.get(height)?.current;
    if (block?.header.hash !== hash || !block.isRecheckDue) continue;
    block.isRecheckDue = false;
    const said = rows.flatMap(([at, row]) => (at === height ? [row] : []));
    const { span } = block;
    if (span !== undefined && !assembler.bars.agrees(span, said, covers)) assembler.doubt(height);
  }
}
