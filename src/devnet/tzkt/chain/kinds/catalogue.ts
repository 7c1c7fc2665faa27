/** All kinds of operations that the hub accepts, and one of a version to come. */
import { attestation, consensusKinds } from './consensus.ts';
import { delegation, origination, reveal, transaction } from './contract-calls.ts';
import { managerKind, type OperationKind } from './kind.ts';
import { managerKinds } from './manager.ts';
import { baking, protocolKinds } from './protocol.ts';
import { formerRollupKinds, smartRollupKinds } from './rollup.ts';

/** Kinds that a block draws one or two of, in turn, so that each appears now and then. */
export const occasionalKinds: readonly OperationKind[] = [
  delegation,
  reveal,
  ...managerKinds,
  ...smartRollupKinds,
  ...formerRollupKinds,
  ...consensusKinds,
  ...protocolKinds,
];

/** The 44 kinds of the reference. */
export const operationKinds: readonly OperationKind[] = [
  transaction,
  origination,
  attestation,
  baking,
  ...occasionalKinds,
];

/** A kind that no client knows yet; only in chains that ask for it. */
export const futureKind = managerKind('zk_rollup_publish', {
  columns: 'novelty proofs',
  addresses: 'sender',
  make: ({ random }) => ({ novelty: 'a member nobody knows', proofs: [random.hex(4), null, 7] }),
});
