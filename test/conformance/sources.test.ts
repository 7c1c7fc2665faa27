/** The rules on `Source` and `SourceDefinition`, checked for every registered kind. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BlockHeader } from '../../src/model/block.ts';
import { blockCursor, type Cursor, parseCursor } from '../../src/model/cursor.ts';
import { PipelineError } from '../../src/model/errors.ts';
import type { Event } from '../../src/model/event.ts';
import type { SourceUpdate } from '../../src/model/update.ts';
import { sources } from '../../src/sources/registry.ts';
import type { Channel, SourceDefinition } from '../../src/sources/source.ts';
import { until } from '../support/evm-node/until.ts';
import { SourceFold } from '../support/sources/source-fold.ts';
import { WallClock } from '../support/sources/wall-clock.ts';
import type { World } from './world.ts';
import { worlds } from './worlds.ts';

type Update = SourceUpdate<unknown>;
const root = new URL('../../', import.meta.url);

function createFold(clock = new WallClock()): SourceFold<unknown> {
  return new SourceFold<unknown>({
    chain: 'test',
    channels: {},
    clock,
    nameOf: ({ hash }) => hash,
  });
}

/** All updates until `isEnough`, with the session ended by abort. */
async function collect(
  world: World,
  after: Cursor | null,
  isEnough: (updates: readonly Update[]) => boolean,
): Promise<{ updates: Update[]; clock: WallClock }> {
  const clock = new WallClock();
  const fold = createFold(clock);
  const stop = new AbortController();
  const deadline = setTimeout(() => stop.abort(), 60_000);
  const updates: Update[] = [];
  for await (const update of world.connect(fold.runtime).updates(after, stop.signal)) {
    fold.take(update);
    updates.push(update);
    if (isEnough(updates)) stop.abort();
  }
  clearTimeout(deadline);
  assert(isEnough(updates), `only ${updates.map(({ kind }) => kind).join(' ')} came`);
  return { updates, clock };
}

/** Where an update leaves the reader; only feeds without blocks go on by their `idle`. */
const positionOf = (update: Update): Cursor | undefined => {
  if (update.kind === 'block') return blockCursor(update.header);
  if (update.kind === 'batch') return update.cursor;
  return update.kind === 'idle' && timeOf(update.cursor) !== undefined ? update.cursor : undefined;
};
/** The time that the cursor of a feed without blocks is. */
const timeOf = (cursor: Cursor): number | undefined => {
  const position = parseCursor(cursor);
  return position.kind === 'token' ? Number(position.token) : undefined;
};
/** A block is reached when it is yielded, a time when it has come. */
const isAt = (newest: Cursor, position: Cursor | undefined): boolean => {
  const [wanted, reached] = [newest, position].map((each) => each && timeOf(each));
  if (wanted === undefined || reached === undefined) return position === newest;
  return reached >= wanted;
};
const reaches = (cursor: Cursor) => (updates: readonly Update[]) =>
  updates.some((update) => isAt(cursor, positionOf(update)));
const isData = ({ kind }: Update): boolean => kind === 'block' || kind === 'batch';

function rowsOf(channel: Channel<unknown>, update: Update): Event[] {
  if (update.kind !== 'block' && update.kind !== 'batch') return [];
  const { isBackfill, receivedAtUs } = update;
  const { height, hash, timeMs } =
    update.kind === 'block' ? update.header : { height: 0, hash: 'test', timeMs: 0 };
  const block = { height, blockHash: hash, blockTimeMs: timeMs };
  const origin = { chain: 'test', source: 'test', ...block, isBackfill, receivedAtUs };
  const accepted = update.messages.filter((message) => channel.accepts(message));
  return accepted.flatMap((message) => [...channel.normalize(message, origin)]);
}

function checkDefinition(kind: string, definition: SourceDefinition<never, never>): void {
  it('is named like its folder and its schemas, and every dataset has a schema', () => {
    assert.equal(definition.kind, kind);
    assert(existsSync(new URL(`src/sources/${kind}/README.md`, root)));
    for (const { subjects } of Object.values(definition.channels)) {
      assert(subjects.length > 0);
      for (const subject of subjects) {
        assert(existsSync(new URL(`schemas/${subject}.avsc`, root)), subject);
      }
    }
  });

  it('documents every option, with a format and a default', () => {
    for (const [name, option] of Object.entries<Record<string, unknown>>(definition.config)) {
      assert.match(String(option['doc']), /^[A-Z].{10,}\.$/s, name);
      assert('format' in option && 'default' in option, name);
    }
  });

  it('uses no clock, timer, randomness or environment but the runtime’s', () => {
    const folder = new URL(`src/sources/${kind}/`, root);
    const files = readdirSync(folder, { recursive: true }).map(String);
    for (const file of files.filter((each) => each.endsWith('.ts'))) {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const forbidden =
        /\b(Date\.now|new Date\(\)|setTimeout|setInterval|Math\.random|process\.(env|exit)|AbortSignal\.timeout)\b/;
      assert.doesNotMatch(text, forbidden, fileURLToPath(new URL(file, folder)));
    }
  });
}

function checkSessions(kind: string): void {
  let world: World;
  beforeEach(async () => {
    const start = worlds[kind];
    assert(start !== undefined, `${kind} has no scripted venue in test/conformance/worlds.ts`);
    world = await start();
  });
  afterEach(() => world.stop());

  const isUnused = async () => (await world.connections()) === 0;
  // Sooner than kept-alive connections end by themselves.
  const releaseMs = 1_500;

  it('yields strictly after the cursor, and nothing twice', async () => {
    const first = await collect(world, null, reaches(world.newest));
    const after = world.newest;
    const blocks = first.updates.filter(({ kind }) => kind === 'block').map(positionOf);
    assert.equal(new Set(blocks).size, blocks.length);
    let isOver = false;
    const grown = collect(world, after, (updates) => updates.some(isData)).finally(() => {
      isOver = true;
    });
    // A feed without blocks may give rows of its overlap before anything grows.
    const isOpen = async () => isOver || (await world.connections()) > 1;
    await until('the session is open', isOpen);
    world.grow();
    const { updates } = await grown;
    const next = updates.find(isData);
    assert(
      next !== undefined && isAt(next.kind === 'block' ? world.newest : after, positionOf(next)),
    );
  });

  it('never goes back in time where it has no blocks', async () => {
    const { updates } = await collect(world, null, reaches(world.newest));
    const positions = updates.map(positionOf).filter((each) => each !== undefined);
    const times = positions.map(timeOf).filter((each) => each !== undefined);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  });

  it('yields blocks that link to the ones before, also over a fork', async () => {
    let hasForked = false;
    const grown = collect(world, null, (updates) => hasForked && reaches(world.newest)(updates));
    await until('the session is open', async () => (await world.connections()) > 1);
    world.fork?.();
    hasForked = true;
    const { updates } = await grown;
    let tip: Pick<BlockHeader, 'height' | 'hash'> | undefined;
    for (const update of updates) {
      if (update.kind === 'fork') tip = update.canonical[0];
      if (update.kind !== 'block') continue;
      if (tip !== undefined) assert.equal(update.header.parentHash, tip.hash);
      tip = update.header;
    }
  });

  it('ends by returning when aborted, and leaves no connection and no timer', async () => {
    const { clock } = await collect(world, null, reaches(world.newest));
    await until('all connections are closed', isUnused, releaseMs);
    await until('all timers are gone', () => clock.sleeping === 0);
  });

  it('leaves no connection and no timer when the reader stops in the middle', async () => {
    const clock = new WallClock();
    const source = world.connect(createFold(clock).runtime);
    for await (const _ of source.updates(null, new AbortController().signal)) break;
    await until('all connections are closed', isUnused, releaseMs);
    await until('all timers are gone', () => clock.sleeping === 0);
  });

  it('ends by throwing a PipelineError when the venue goes away or is not there', async () => {
    const fold = createFold();
    const { signal } = new AbortController();
    const read = async (updates: AsyncIterable<Update>) => {
      for await (const update of updates) {
        fold.take(update);
        if (isAt(world.newest, positionOf(update))) await world.stop();
      }
    };
    const isPipelineError = (error: unknown) => error instanceof PipelineError;
    await assert.rejects(read(world.connect(fold.runtime).updates(null, signal)), isPipelineError);
    const nothing = world.connectToNothing(createFold().runtime);
    await assert.rejects(read(nothing.updates(null, signal)), isPipelineError);
    await assert.rejects(nothing.head(signal), isPipelineError);
    const { ownIdentity } = world;
    if (ownIdentity === undefined) await assert.rejects(nothing.identity(signal), isPipelineError);
    else assert.equal(await nothing.identity(signal), ownIdentity);
    world = await (worlds[kind] ?? assert.fail)();
  });

  it('tells its identity and its head', async () => {
    const source = world.connect(createFold().runtime);
    const { signal } = new AbortController();
    assert.equal(await source.head(signal), world.newest);
    assert.equal(await source.identity(signal), await source.identity(signal));
  });

  it('normalizes purely: the same message gives the same events', async () => {
    const { updates } = await collect(world, null, reaches(world.newest));
    const { channels } = sources[kind as keyof typeof sources] as SourceDefinition<never, unknown>;
    const normalizeAll = () =>
      updates.flatMap((update) => Object.values(channels).flatMap((c) => rowsOf(c, update)));
    const events = normalizeAll();
    assert.deepEqual(events, normalizeAll());
    assert(events.length > 0);
  });
}

assert(Object.keys(sources).length > 0);
for (const [kind, definition] of Object.entries(sources)) {
  describe(`the source kind ${kind}`, () => {
    checkDefinition(kind, definition as unknown as SourceDefinition<never, never>);
    checkSessions(kind);
  });
}
