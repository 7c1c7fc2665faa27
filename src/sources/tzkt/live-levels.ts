/**
 * What the hub has said of the newest levels. Channels speak at different moments and a level may
 * be void before all have spoken, so contents count only where the channels agree on the branch.
 */
import type { BlockRef } from '../../model/block.ts';
import { fits } from './block-reader.ts';
import type { HubEvent } from './hub.ts';
import type { BlockItems, ReadBlock, TzktBlock, TzktDataset, WireFields } from './messages.ts';
import { isLevel, levelMember, parseBlock } from './wire.ts';

/** Levels above our position whose contents are kept; older ones are read over REST. */
const levelsMax = 16;

type Message = Extract<HubEvent, { kind: 'message' }>;

interface Channel {
  /** Level up to which it has spoken. */
  state: number;
  /** Reorg messages so far: channels with the same number are on the same branch. */
  reorgs: number;
  readonly items: Map<number, Map<string, WireFields>>;
  /** Levels of which the hub may not have said all. */
  readonly doubtful: Set<number>;
}

/** A channel told a lower level than before, without a reorg message. */
export interface Setback {
  readonly dataset: TzktDataset;
  readonly from: number;
  readonly to: number;
}

/** Our position and the hashes that were published. */
export interface Published {
  readonly tip: BlockRef | null;
  canonicalHash(level: number): string | undefined;
}

/** Bounded by `levelsMax` levels. */
export class LiveLevels {
  readonly #channels = new Map<TzktDataset, Channel>();
  readonly #blocks = new Map<
    number,
    { readonly block: TzktBlock; readonly receivedAtUs: number }
  >();
  /** Heads as announced, by level. */
  readonly #heads = new Map<number, WireFields>();
  /** Hashes that the hub gives for levels we published another block of. */
  readonly #contradictions = new Map<number, string>();
  #headLevel = -1;
  #headAtUs = 0;
  /** Up to here items may have come while only some of the filters were subscribed to. */
  #subscribedLevel = -1;
  /** The head level when a reorg message came last. */
  #reorgLevel = -1;
  #rollbackTo = Number.POSITIVE_INFINITY;
  #isSuspicious = false;

  /** The highest level that any channel has spoken of since the last rollback. */
  get headLevel(): number {
    return this.#headLevel;
  }

  /** When the head level was last raised, microseconds since the epoch. */
  get headAtUs(): number {
    return this.#headAtUs;
  }

  /** All subscriptions are made; the highest level that one was confirmed with. */
  subscribed(level: number): void {
    this.#subscribedLevel = level;
    this.raise(level, 0);
  }

  /** REST knows a higher level than the hub has spoken of. */
  raise(level: number, nowUs: number): void {
    if (level <= this.#headLevel) return;
    this.#headLevel = level;
    this.#headAtUs = nowUs;
  }

  /** True when something was said that does not fit what we published. */
  get isSuspicious(): boolean {
    return this.#isSuspicious || this.#contradictions.size > 0;
  }

  /** Hashes that the hub gives for published levels, where they are others. */
  get contradictions(): ReadonlyMap<number, string> {
    return this.#contradictions;
  }

  /** The lowest level that the hub called the last valid one since the doubt was last cleared. */
  get rollbackTo(): number {
    return this.#rollbackTo;
  }

  /** Something else made our position doubtful. */
  suspect(): void {
    this.#isSuspicious = true;
  }

  /** Our position was found to be canonical, or was changed to what is. */
  clear(published: Published): void {
    this.#isSuspicious = false;
    this.#rollbackTo = Number.POSITIVE_INFINITY;
    const tip = published.tip?.height ?? -1;
    for (const [level, hash] of this.#contradictions) {
      if (level > tip || published.canonicalHash(level) === hash)
        this.#contradictions.delete(level);
    }
  }

  /**
   * Takes a message over, and says when its channel went back; our position is suspicious then.
   * Throws `source.malformed_frame` for an item that cannot be placed.
   */
  take({ dataset, message, receivedAtUs }: Message, published: Published): Setback | undefined {
    const channel = this.#channel(dataset);
    if (dataset === 'cycles') return undefined;
    const from = channel.state;
    if (message.type === 'reorg') this.#reorg(channel, message.state, published, dataset);
    else if (message.type === 'state') channel.state = Math.max(channel.state, message.state);
    else if (dataset === 'head') this.#head(message.items[0] ?? {}, published);
    else if (dataset === 'blocks') this.#block(message.items, receivedAtUs, published);
    else this.#items(dataset, channel, message);
    if (message.type === 'reorg') return undefined;
    this.raise(message.state, receivedAtUs);
    if (message.type === 'state') return undefined;
    channel.state = message.state;
    if (message.state >= from) return undefined;
    this.suspect();
    // What it says next may be of levels that it has spoken of, or of those it was about to.
    this.#doubtRange(channel, message.state + 1, from + 1);
    return { dataset, from, to: message.state };
  }

  /** A message of this dataset could not be read: nothing the hub says next is taken for all. */
  doubt(dataset: TzktDataset): void {
    const channel = this.#channel(dataset);
    this.#doubtRange(channel, channel.state + 1, this.#headLevel + 1);
  }

  /** The announced block of a level with the items of the channels that have spoken of it. */
  announced(level: number, datasets: readonly TzktDataset[]): ReadBlock | undefined {
    const found = this.#blocks.get(level);
    if (found === undefined) return undefined;
    const { block, receivedAtUs } = found;
    const items: Partial<Record<TzktDataset, readonly WireFields[]>> = {};
    for (const dataset of datasets) {
      const spoken = this.#spoken(dataset, block);
      if (spoken !== undefined) items[dataset] = spoken;
    }
    const head = this.#heads.get(level);
    if (head?.['hash'] === block.hash) items.head = [head];
    return { block, items: items satisfies BlockItems, receivedAtUs };
  }

  /** Forgets what is published, and what is too far below the head to be kept. */
  prune(tipLevel: number): void {
    const isOld = (level: number) =>
      level <= tipLevel || (level < this.#headLevel - levelsMax && level > tipLevel);
    for (const map of [this.#blocks, this.#heads, ...this.#itemMaps()]) {
      for (const level of map.keys()) if (isOld(level)) map.delete(level);
    }
    for (const { doubtful } of this.#channels.values()) {
      // Of a level whose contents are not kept nothing needs to be doubted.
      for (const level of doubtful) if (isOld(level)) doubtful.delete(level);
    }
    // A channel that was never told of a reorg, as one that was subscribed to after it, is on the
    // branch of the others once all that was said before it is forgotten.
    if (this.#headLevel - levelsMax <= this.#reorgLevel) return;
    for (const channel of this.#channels.values()) channel.reorgs = 0;
  }

  *#itemMaps(): Generator<Map<number, unknown>> {
    for (const { items } of this.#channels.values()) yield items;
  }

  #channel(dataset: TzktDataset): Channel {
    const known = this.#channels.get(dataset);
    if (known !== undefined) return known;
    const channel = { state: -1, reorgs: 0, items: new Map(), doubtful: new Set<number>() };
    this.#channels.set(dataset, channel);
    return channel;
  }

  /** Undefined unless the channel is on the block's branch and surely said all of its level. */
  #spoken(dataset: TzktDataset, block: TzktBlock): readonly WireFields[] | undefined {
    const channel = this.#channel(dataset);
    const items = channel.items.get(block.level);
    if (items === undefined || channel.doubtful.has(block.level)) return undefined;
    if (channel.reorgs !== this.#channel('blocks').reorgs) return undefined;
    const list = [...items.values()];
    return dataset === 'operations' && !fits(list, block) ? undefined : list;
  }

  #reorg(channel: Channel, to: number, published: Published, dataset: TzktDataset): void {
    channel.reorgs += 1;
    this.#reorgLevel = Math.max(this.#reorgLevel, this.#headLevel);
    channel.state = to;
    dropAbove(to, channel.items);
    for (const level of channel.doubtful) if (level > to) channel.doubtful.delete(level);
    if (dataset === 'head') dropAbove(to, this.#heads);
    if (dataset === 'blocks') dropAbove(to, this.#blocks);
    // What either said of another hash above may be of the branch that it leaves.
    if (dataset === 'head' || dataset === 'blocks') dropAbove(to, this.#contradictions);
    // A channel that was silent may be told of a reorg above all it ever said: nothing to undo.
    if (to >= (published.tip?.height ?? -1)) return;
    this.#isSuspicious = true;
    this.#rollbackTo = Math.min(this.#rollbackTo, to);
  }

  #head(head: WireFields, published: Published): void {
    const { level, hash } = head;
    if (!isLevel(level) || typeof hash !== 'string') {
      this.suspect();
      return;
    }
    this.#heads.set(level, head);
    // Going back without a word is no reason to take anything back, but one to look.
    if (level < this.#headLevel) this.#isSuspicious ||= level < (published.tip?.height ?? -1);
    this.#compare(level, hash, published);
    if (level < this.#headLevel) this.#headLevel = level;
  }

  #block(items: readonly WireFields[], receivedAtUs: number, published: Published): void {
    for (const item of items) {
      const block = parseBlock(item, 'a message of blocks');
      const before = this.#blocks.get(block.level);
      // The same level again with another hash, and no reorg said: look before anything is done.
      if (before !== undefined && before.block.hash !== block.hash) this.#replaced(block.level);
      this.#blocks.set(block.level, { block, receivedAtUs });
      this.#compare(block.level, block.hash, published);
    }
  }

  /** What was said of the level so far may be of the other block. */
  #replaced(level: number): void {
    this.suspect();
    for (const channel of this.#channels.values()) channel.doubtful.add(level);
  }

  #compare(level: number, hash: string, published: Published): void {
    if (published.tip === null || level > published.tip.height) return;
    const ours = published.canonicalHash(level);
    if (ours === undefined || ours === hash) this.#contradictions.delete(level);
    else this.#contradictions.set(level, hash);
  }

  #items(
    dataset: TzktDataset,
    channel: Channel,
    message: Extract<Message['message'], { type: 'data' }>,
  ): void {
    const member = levelMember(dataset);
    const saidLevel = Math.max(channel.state, this.#subscribedLevel);
    for (const item of message.items) {
      const level = item[member];
      const key = item['id'] ?? item['address'];
      if (!isLevel(level) || key === undefined || level <= saidLevel) {
        // Late, repeated or not to be placed: REST says what these levels hold.
        this.#doubtRange(channel, channel.state + 1, message.state);
        if (isLevel(level)) channel.doubtful.add(level);
        else channel.doubtful.add(message.state);
        continue;
      }
      const items = channel.items.get(level) ?? new Map<string, WireFields>();
      items.set(String(key), item);
      channel.items.set(level, items);
    }
  }

  #doubtRange(channel: Channel, from: number, to: number): void {
    for (let level = Math.max(from, to - levelsMax); level <= to; level += 1) {
      channel.doubtful.add(level);
    }
  }
}

function dropAbove(level: number, map: Map<number, unknown>): void {
  for (const each of map.keys()) if (each > level) map.delete(each);
}
