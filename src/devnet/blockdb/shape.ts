/** How a row looks on the wire: members, amounts, nulls and times as the profile says. */
import { type Item, inOrder, type Json } from '../simulator/json.ts';
import {
  type Dataset,
  type DatasetId,
  datasetNamed,
  datasets,
  type Member,
} from './chain/datasets.ts';
import type { Profile } from './profile.ts';

const time = /(_time|_utc|_at|^bucket_start|^bucket_end)$/;

/** What a client asked for beyond the rows themselves. */
export interface Wishes {
  readonly hasDetails?: boolean;
  readonly hasAdjustedReserves?: boolean;
}

/** Shapes rows for the stream and for REST. */
export class Shape {
  readonly #profile: Profile;
  readonly #wireIds = new Map<DatasetId, string>();

  constructor(profile: Profile) {
    this.#profile = profile;
    for (const dataset of datasets.values()) {
      const wireId = wireIdOf(dataset, profile.ids);
      if (wireId !== null) this.#wireIds.set(dataset.id, wireId);
    }
  }

  /** The id that the wire uses; undefined when the dataset does not exist in this profile. */
  wireId(id: DatasetId): string | undefined {
    return this.#wireIds.get(id);
  }

  /** The dataset of an id of the wire. */
  datasetOf(wireId: string): DatasetId | undefined {
    for (const [id, other] of this.#wireIds) if (other === wireId) return id;
    return undefined;
  }

  /** The `data` of an update, without the flag. */
  stream(id: DatasetId, row: Item, wishes: Wishes = {}): Item {
    const { members } = this.#profile;
    return this.#shape(id, row, (member) => {
      if (member.seen === 'asked') return wishes.hasDetails === true || members === 'every';
      return member.seen === 'stream' || members === 'every' || this.#isKept(id, member);
    });
  }

  /** A row of a REST answer. */
  rest(id: DatasetId, row: Item, wishes: Wishes = {}): Item {
    const { members } = this.#profile;
    return this.#shape(id, row, ({ name, seen }) => {
      if (members === 'every') return true;
      if (name === 'reserves_decimals_adjusted') return wishes.hasAdjustedReserves === true;
      return seen === 'stream' || seen === 'rest' || this.#isKept(id, { name, seen });
    });
  }

  /** Members that the profile brings back. */
  #isKept(id: DatasetId, { name, seen }: Member): boolean {
    if (seen === 'rest') return this.#profile.amounts === 'adjusted' && name.endsWith('_raw');
    return seen === 'legacy' && datasetNamed(id).isBar && this.#profile.hasBarAnchors;
  }

  #shape(id: DatasetId, row: Item, isShown: (member: Member) => boolean): Item {
    const { amounts, nulls, timeDigits, hasUpdatedAt } = this.#profile;
    const dataset = datasetNamed(id);
    const hasRawTwins = dataset.members.some(isRawTwin);
    const shown = dataset.members
      .filter(isShown)
      .filter((member) => amounts === 'adjusted' || !isRawTwin(member) || !hasRawTwins)
      .map(({ name }) => name)
      .filter((name) => hasUpdatedAt || name !== '_updated_at');
    const item: Record<string, Json> = {};
    for (const [name, value] of Object.entries(inOrder(row, shown))) {
      const raw = amounts === 'raw' && hasRawTwins ? row[`${name}_raw`] : undefined;
      const chosen = raw ?? value ?? null;
      if (chosen === null && nulls === 'absent') continue;
      const isShort = timeDigits === 0 && typeof chosen === 'string' && time.test(name);
      item[name] = isShort ? chosen.replace(/\.\d+Z$/, 'Z') : chosen;
    }
    return item;
  }
}

/** The raw twin of an amount that is shown raw or adjusted. */
function isRawTwin({ name, seen }: Member): boolean {
  return seen === 'rest' && name.endsWith('_raw');
}

function wireIdOf(dataset: Dataset, ids: Profile['ids']): string | null {
  if (ids === 'newest') return dataset.idNewest ?? dataset.id;
  if (ids === 'oldest') return dataset.idOldest === undefined ? dataset.id : dataset.idOldest;
  return dataset.id;
}
