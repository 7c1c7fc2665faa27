/**
 * What a kind of operation is: its names, its members in the order of the wire, and which of them
 * an address filter looks at.
 */

import type { Item } from '../../../simulator/json.ts';
import { shown } from '../cast.ts';
import type { Draw } from '../draw.ts';

/** One kind of operation. */
export interface OperationKind {
  /** The token of the hub's `types` and of the member `type`. */
  readonly type: string;
  /** Below `/v1/operations/`. */
  readonly path: string;
  /** A path of earlier versions that still answers. */
  readonly formerPath?: string;
  /** All members but `type`, in order. */
  readonly columns: readonly string[];
  /** The hub's address filter, and the filters of the REST side: name to place. */
  readonly addresses: Readonly<Record<string, string>>;
  /** True when its content is drawn afresh for each block and never comes back. */
  readonly isProtocol: boolean;
  /** The members that belong to the kind; id, level, time and block are given by the block. */
  make(draw: Draw): Item;
}

/** What differs from kind to kind. */
export interface KindOptions {
  readonly path?: string;
  readonly formerPath?: string;
  readonly columns: string;
  /** Names of the members that hold addresses; `name=place` where they differ. */
  readonly addresses: string;
  readonly isProtocol?: boolean;
  readonly hasBlock?: boolean;
  readonly hasHash?: boolean;
  readonly make: (draw: Draw) => Item;
}

/** A kind that is not a manager operation. */
export function kind(type: string, options: KindOptions): OperationKind {
  const { hasBlock = true, hasHash = true, isProtocol = !hasHash } = options;
  const common = ['id', 'level', 'timestamp'];
  return {
    type,
    path: options.path ?? type,
    ...(options.formerPath === undefined ? {} : { formerPath: options.formerPath }),
    columns: [
      ...common,
      ...(hasBlock ? ['block'] : []),
      ...(hasHash ? ['hash'] : []),
      ...words(options.columns),
    ],
    addresses: Object.fromEntries(words(options.addresses).map(nameAndPlace)),
    isProtocol,
    make: (draw) => ({
      ...(hasHash ? { hash: draw.operationHash() } : {}),
      ...options.make(draw),
    }),
  };
}

/** A manager operation that is no contract call: sender, gas and fees come first. */
export function managerKind(type: string, options: KindOptions): OperationKind {
  return kind(type, {
    ...options,
    columns: `sender counter gasLimit gasUsed storageLimit bakerFee status errors ${options.columns}`,
    make: (draw) => ({ ...managerFields(draw), ...options.make(draw) }),
  });
}

/** Sender, counter, gas and fee of a manager operation that was applied. */
export function managerFields(draw: Draw): Item {
  const { random, cast } = draw;
  const gasUsed = random.integer(100, 4000);
  return {
    counter: (draw.level % 2_000_000) * 1000 + draw.serial(),
    sender: shown(random.pick(cast.users)),
    gasLimit: gasUsed + random.integer(100, 400),
    gasUsed,
    storageLimit: random.integer(0, 300),
    bakerFee: random.integer(200, 4000),
    status: 'applied',
  };
}

/** Rewards or losses in mutez, a different number for each name. */
export function amounts(draw: Draw, names: string): Item {
  return Object.fromEntries(words(names).map((name) => [name, draw.random.integer(0, 500_000)]));
}

/** The words of a text. */
export function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function nameAndPlace(text: string): readonly [string, string] {
  const [name = text, place = name] = text.split('=');
  return [name, place];
}
