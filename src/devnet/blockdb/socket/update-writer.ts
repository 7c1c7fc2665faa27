/** Writes updates to connections, each after the faults that strike it. */
import type { Item, Json } from '../../simulator/json.ts';
import type { Row } from '../chain/block.ts';
import { datasetNamed } from '../chain/datasets.ts';
import type { FaultName, Faults } from '../faults.ts';
import type { Profile } from '../profile.ts';
import type { Shape } from '../shape.ts';
import type { StreamConnection } from './connection.ts';
import { errorFrame, updateItem } from './frames.ts';
import type { Update } from './lanes.ts';

/** What frames depend on. */
export interface WriterOptions {
  readonly chainId: number;
  readonly shape: Shape;
  readonly profile: Profile;
  readonly faults: Faults;
}

/** How a changed frame is made of the one that should have gone out. */
type Change = (frame: Item) => Json;
type Write = (connection: StreamConnection, text: string) => void;

const stranger = { future_member: { nothing: null, list: [1] } };
const hugeBytes = 8 * 1024 * 1024;
const orphanAbove = 1000;

/** The way out of the stream. */
export class UpdateWriter {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Sends an update to those who want it. A fault strikes once for all of them. */
  send(update: Update, connections: readonly StreamConnection[]): void {
    const { row, replaced } = update;
    const receivers = connections
      .map((connection) => ({ connection, wish: connection.wish(row) }))
      .filter(({ wish }) => wish !== undefined);
    if (receivers.length === 0) return;
    const place = { dataset: row.dataset };
    const { faults } = this.#options;
    if (faults.take('gap', place) !== undefined || faults.take('drop', place) !== undefined) return;
    const precede = this.#before(update);
    const changes = this.#changes(row);
    const write = this.#writer(row);
    const repeats = faults.take('duplicate', place) === undefined ? 1 : 2;
    const isStale = replaced !== undefined && faults.take('stale-row', place) !== undefined;
    for (const { connection, wish = {} } of receivers) {
      for (const text of precede) connection.send(text);
      const changed = changes.reduce<Json>(
        (frame, change) => change(frame as Item),
        this.frame(update, wish),
      );
      for (let n = 0; n < repeats; n += 1) write(connection, JSON.stringify(changed));
      if (!isStale || replaced === undefined) continue;
      connection.send(JSON.stringify(this.frame({ row: replaced, isReorg: false }, wish)));
    }
  }

  /** The frame of an update. */
  frame({ row, isReorg }: Update, wish: Item): Item {
    const { shape, chainId, profile } = this.#options;
    const wireId = shape.wireId(row.dataset) ?? row.dataset;
    const hasDetails = wish['include_details'] === true;
    const data = shape.stream(row.dataset, row.item, { hasDetails });
    return updateItem({ chainId, wireId, isReorg }, data, profile.reorgFlag);
  }

  /** Frames that come before the update. */
  #before({ row }: Update): readonly string[] {
    const { faults, chainId } = this.#options;
    const isStruck = (name: FaultName): boolean =>
      faults.take(name, { dataset: row.dataset }) !== undefined;
    const frames: string[] = [];
    if (isStruck('unknown-dataset')) {
      const strange = { chain_id: chainId, dataset_id: '9999', is_reorg: false, data: stranger };
      frames.push(JSON.stringify(strange));
    }
    if (isStruck('unknown-frame')) frames.push(JSON.stringify({ type: 'notice', ...stranger }));
    if (isStruck('error-frame')) {
      frames.push(
        errorFrame({ code: 'INTERNAL_SERVER_ERROR', message: 'Simulated', retryable: true }),
      );
    }
    return frames;
  }

  #changes({ dataset }: Row): readonly Change[] {
    const { faults } = this.#options;
    const [keyMember = 'block_number'] = datasetNamed(dataset).key;
    const byFault: readonly (readonly [FaultName, (text?: string) => Change])[] = [
      ['orphan-row', () => inData((data) => raised(data))],
      ['missing-field', (text = keyMember) => inData((data) => without(data, text))],
      ['bad-number', (text = 'block_number') => inData((data) => ({ ...data, [text]: '12x' }))],
      ['unknown-field', () => (frame) => ({ ...inData(strange)(frame), ...stranger })],
      ['huge-frame', () => inData((data) => ({ ...data, future_data: 'f'.repeat(hugeBytes) }))],
      ['array-frame', () => (frame) => [frame]],
    ];
    return byFault.flatMap(([name, make]) => {
      const fault = faults.take(name, { dataset });
      return fault === undefined ? [] : [make(fault.request.text)];
    });
  }

  /** How the frames of this update are written: as they are, or broken by a fault. */
  #writer({ dataset }: Row): Write {
    const { faults } = this.#options;
    const malformed = faults.take('malformed-frame', { dataset });
    if (malformed !== undefined) {
      const replacement = malformed.request.text;
      return (connection, text) => connection.send(replacement ?? text.slice(0, text.length / 2));
    }
    const binary = faults.take('binary-frame', { dataset });
    if (binary !== undefined) {
      return (connection, text) => connection.send(Buffer.from(binary.request.text ?? text));
    }
    if (faults.take('cut-message', { dataset }) !== undefined) {
      return (connection, text) => connection.cut(text);
    }
    if (faults.take('slow-consumer', { dataset }) !== undefined) {
      return (connection) => connection.close(1013, 'slow consumer');
    }
    return (connection, text) => connection.send(text);
  }
}

function inData(change: (data: Item) => Item): (frame: Item) => Item {
  return (frame) => ({ ...frame, data: change(frame['data'] as Item) });
}

function strange(data: Item): Item {
  return { ...data, ...stranger };
}

function raised(data: Item): Item {
  return { ...data, block_number: Number(data['block_number']) + orphanAbove };
}

function without(data: Item, name: string): Item {
  return Object.fromEntries(Object.entries(data).filter(([member]) => member !== name));
}
