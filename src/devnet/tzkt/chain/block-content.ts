/**
 * What is in a block: the protocol's own operations, one or two of the occasional kinds in turn,
 * groups of contract calls, and what a reorganization dropped before. Some blocks are empty.
 */
import type { OperationDraft } from './draft.ts';
import type { Draw } from './draw.ts';
import { futureKind, occasionalKinds } from './kinds/catalogue.ts';
import { attestation } from './kinds/consensus.ts';
import type { OperationKind } from './kinds/kind.ts';
import { baking } from './kinds/protocol.ts';
import { bigCall, drawGroup } from './transactions.ts';

/** What to put into a block; without a wish the seed decides. */
export interface BlockRequest {
  /** How many groups of contract calls; 0 with nothing else wished for makes an empty block. */
  readonly groups?: number;
  /** Adds a call whose parameter has about this many bytes. */
  readonly bigBytes?: number;
  /** Adds an operation of a kind that no client knows. */
  readonly isFuture?: boolean;
  /** The hash of a reverted block to put back as it was. */
  readonly restore?: string;
}

const groupsMax = 5;
const emptyChance = 0.1;

/** The groups of one block, in order; the operations of one group share their hash. */
export function drawContent(
  draw: Draw,
  request: BlockRequest,
  dropped: readonly (readonly OperationDraft[])[],
): readonly (readonly OperationDraft[])[] {
  const { random } = draw;
  const isEmpty = random.chance(emptyChance);
  const extras = [
    ...(request.bigBytes === undefined ? [] : [bigCall(draw, request.bigBytes)]),
    ...(request.isFuture === true ? [[drafted(futureKind, draw)]] : []),
    ...dropped,
  ];
  if (request.groups === 0 || (request.groups === undefined && isEmpty)) return extras;
  const groups = request.groups ?? random.integer(0, groupsMax);
  return [
    [drafted(baking, draw)],
    attestations(draw),
    ...occasional(draw),
    ...extras,
    ...Array.from({ length: groups }, () => drawGroup(draw)),
  ];
}

/** Aggregated attestations share one hash among several bakers. */
function attestations(draw: Draw): readonly OperationDraft[] {
  const first = drafted(attestation, draw);
  const aggregated = draw.cast.bakers.slice(2).map((baker) => ({
    ...first,
    fields: { ...first.fields, delegate: { address: baker.address } },
  }));
  return draw.random.chance(0.5) ? aggregated : [first];
}

function occasional(draw: Draw): readonly (readonly OperationDraft[])[] {
  const kinds = [draw.level * 2, draw.level * 2 + 1].map(
    (n) => occasionalKinds[n % occasionalKinds.length],
  );
  return kinds.flatMap((kind) => (kind === undefined ? [] : [[drafted(kind, draw)]]));
}

function drafted(kind: OperationKind, draw: Draw): OperationDraft {
  return { kind, fields: kind.make(draw), effects: [], isRepeatable: !kind.isProtocol };
}
