/**
 * Shows what readers of the topics see: blocks arriving, and reorgs taking them back row by row. It
 * reads the committed records from Kafka like anybody else.
 */
import type { ControlRecord } from '../../encoding/control-decoder.ts';
import type { Output, Paint } from '../io.ts';
import { ChainTally } from './chain-tally.ts';

/** One token transfer, the row people recognise. */
export interface Example {
  readonly reorgId: string;
  readonly height: number;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

/** Prints line by line, so that it reads the same on a terminal, in a pipe and in a log. */
export class LiveView {
  readonly #output: Output;
  readonly #paint: Paint;
  readonly #label: string;
  readonly #tally = new ChainTally();
  /** Newest reorgs: shown already, or an example that waits for its reorg to be shown. */
  readonly #reorgs = new Map<string, 'shown' | 'done' | Example>();

  /** The label tells chains apart where several are shown. */
  constructor(output: Output, paint: Paint, label = '') {
    this.#label = label;
    this.#output = output;
    this.#paint = paint;
  }

  get tally(): ChainTally {
    return this.#tally;
  }

  header(lines: readonly string[]): void {
    const { bold, dim, green, red, struck } = this.#paint;
    this.#line(bold('ommer: a chain that reorganizes, into Kafka, exactly once'));
    for (const line of lines) this.#line(dim(line));
    this.#line('');
    this.#line(`  ${green('+')} rows of a block were published`);
    this.#line(
      `  ${red('−')} ${struck('the block lost')}: each of its rows was taken back by an exact retraction`,
    );
    this.#line('');
    this.#line(dim('      block  hash             rows   live rows in Kafka'));
  }

  control(record: ControlRecord): void {
    if (record.kind === 'block') this.#block(record);
    if (record.kind === 'reorg') this.#reorg(record);
    if (record.kind === 'market') this.#market(record);
  }

  /** The first retracted transfer of each reorg, after its summary; topics arrive in any order. */
  example(example: Example): void {
    const known = this.#reorgs.get(example.reorgId);
    if (known === undefined) this.#reorgs.set(example.reorgId, example);
    if (known === 'shown') this.#showExample(example);
  }

  #showExample({ reorgId, height, from, to, amount }: Example): void {
    this.#reorgs.set(reorgId, 'done');
    const { red, struck, dim } = this.#paint;
    const text = `block ${height}: ${short(from)} → ${short(to)} ${amount}`;
    this.#line(`${red('  −')} ${dim('one of them, a token transfer in')} ${red(struck(text))}`);
  }

  /** Kafka's rows against the node's own answer. */
  verdict(height: number, logs: { readonly kafka: number; readonly node: number }): void {
    const { green, red, dim } = this.#paint;
    const isEqual = logs.kafka === logs.node;
    const mark = isEqual ? green('✓') : red('✗');
    const text = `block ${height}: ${logs.kafka} logs live in Kafka, ${logs.node} on the node's canonical chain`;
    this.#line(`  ${mark} ${isEqual ? dim(text) : red(text)}`);
  }

  #block(record: ControlRecord): void {
    this.#tally.add(record);
    const { green, dim, yellow } = this.#paint;
    const { height, hash, block } = record;
    const rows = this.#tally.rowsOf(hash ?? '');
    const again = block !== null && block.incarnation > 1 ? yellow(' came back') : '';
    this.#line(
      `${green('  +')} ${pad(height)}  ${short(hash ?? '')} ${green(signed(rows, '+'))}   ${dim(String(this.#tally.live))}${again}${dim(this.#label)}`,
    );
  }

  #reorg(record: ControlRecord): void {
    if (record.reorg === null) return;
    const { bold, red, struck, dim } = this.#paint;
    const { depth, reverted } = record.reorg;
    const to = `${record.reorg.common_ancestor_height} ${short(record.reorg.common_ancestor_hash)}`;
    this.#line(
      bold(
        red(`  ⎌ reorg: ${depth} block${depth === 1 ? '' : 's'} lost, back to ${to}${this.#label}`),
      ),
    );
    let live = this.#tally.live;
    for (const { height, hash } of reverted) {
      const rows = this.#tally.rowsOf(hash);
      live -= rows;
      const text = struck(`${pad(height)}  ${short(hash)} ${signed(rows, '−')}`);
      this.#line(`${red('  −')} ${red(text)}   ${dim(String(live))}`);
    }
    this.#tally.add(record);
    this.#afterReorg(record.reorg.id);
    this.#line(
      dim(`    so far ${this.#tally.inserts} inserts − ${this.#tally.retractions} retractions`),
    );
  }

  #market({ market }: ControlRecord): void {
    if (market === undefined || market === null) return;
    const { green, yellow } = this.#paint;
    const { dataset, symbol, state, rows, reason } = market;
    const isGood = state === 'safe' || state === 'closed';
    const recovered = rows === null ? '' : `, ${rows} rows recovered`;
    const text = `  ◆ ${symbol} ${dataset}: ${state}${recovered} (${reason})${this.#label}`;
    this.#line(isGood ? green(text) : yellow(text));
  }

  #afterReorg(id: string): void {
    const waiting = this.#reorgs.get(id);
    this.#reorgs.set(id, 'shown');
    if (typeof waiting === 'object') this.#showExample(waiting);
    const [oldest] = this.#reorgs.keys();
    if (this.#reorgs.size > 100 && oldest !== undefined) this.#reorgs.delete(oldest);
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

function pad(height: number | null): string {
  return String(height ?? '').padStart(7);
}

function signed(rows: number, sign: string): string {
  return `${sign}${rows}`.padStart(6);
}

function short(hash: string): string {
  return hash.length > 14 ? `${hash.slice(0, 8)}…${hash.slice(-5)}` : hash;
}
