/**
 * Every kind of operation that the hub offers: where REST lists it and which of its REST filters
 * match an address as the hub's filter does (reference sections 4.5 and 5.2).
 */

/** One kind. */
export interface OperationKind {
  /** Below `/v1/operations/`. */
  readonly path: string;
  /** One query per entry, whose results together match an address as the hub does. */
  readonly address: readonly string[];
  /** Code hash filter of REST, for the kinds that can be filtered by it. */
  readonly codeHash?: string;
  /** Fields to ask for where the list leaves out what the hub sends. */
  readonly select?: string;
  /** Format of Michelson values, where it is not the readable one. */
  readonly micheline?: string;
}

const transactionFields =
  'id,level,timestamp,block,hash,counter,initiator,sender,senderCodeHash,nonce,gasLimit,gasUsed,storageLimit,storageUsed,bakerFee,storageFee,allocationFee,target,targetCodeHash,amount,parameter,storage,diffs,status,errors,hasInternals,tokenTransfersCount,ticketTransfersCount,eventsCount';
const originationFields =
  'id,level,timestamp,block,hash,counter,initiator,sender,senderCodeHash,nonce,gasLimit,gasUsed,storageLimit,storageUsed,bakerFee,storageFee,allocationFee,contractBalance,contractDelegate,storage,diffs,status,errors,originatedContract,tokenTransfersCount';
const migrationFields =
  'id,level,timestamp,block,account,kind,balanceChange,storage,diffs,tokenTransfersCount';

const sender = ['sender'];
const senderOrRollup = ['sender', 'rollup'];
const baker = ['baker'];
const delegate = ['delegate'];
const accuserOrOffender = ['anyof.accuser.offender'];

/** By the name that `types` and the items use. */
export const operationKinds: Readonly<Record<string, OperationKind>> = {
  transaction: {
    path: 'transactions',
    address: ['anyof.initiator.sender.target'],
    codeHash: 'codeHash',
    select: transactionFields,
  },
  origination: {
    path: 'originations',
    address: ['anyof.initiator.sender.contractDelegate'],
    codeHash: 'anyCodeHash',
    select: originationFields,
  },
  delegation: {
    path: 'delegations',
    address: ['anyof.initiator.sender.prevDelegate.newDelegate'],
    codeHash: 'senderCodeHash',
  },
  reveal: { path: 'reveals', address: sender },
  register_constant: { path: 'register_constants', address: sender },
  set_deposits_limit: { path: 'set_deposits_limits', address: sender },
  increase_paid_storage: { path: 'increase_paid_storage', address: ['sender', 'contract'] },
  update_secondary_key: { path: 'update_secondary_key', address: sender },
  transfer_ticket: { path: 'transfer_ticket', address: ['anyof.sender.target.ticketer'] },
  staking: { path: 'staking', address: ['anyof.sender.staker.baker'] },
  set_delegate_parameters: { path: 'set_delegate_parameters', address: sender },
  dal_publish_commitment: { path: 'dal_publish_commitment', address: sender },
  sr_add_messages: { path: 'sr_add_messages', address: sender },
  sr_cement: { path: 'sr_cement', address: senderOrRollup },
  sr_execute: { path: 'sr_execute', address: senderOrRollup },
  sr_originate: { path: 'sr_originate', address: senderOrRollup, micheline: '2' },
  sr_publish: { path: 'sr_publish', address: senderOrRollup },
  sr_recover_bond: { path: 'sr_recover_bond', address: ['anyof.sender.staker', 'rollup'] },
  sr_refute: { path: 'sr_refute', address: ['anyof.sender.initiator.opponent', 'rollup'] },
  tx_rollup_origination: { path: 'tx_rollup_origination', address: senderOrRollup },
  tx_rollup_submit_batch: { path: 'tx_rollup_submit_batch', address: senderOrRollup },
  tx_rollup_commit: { path: 'tx_rollup_commit', address: senderOrRollup },
  tx_rollup_return_bond: { path: 'tx_rollup_return_bond', address: senderOrRollup },
  tx_rollup_finalize_commitment: { path: 'tx_rollup_finalize_commitment', address: senderOrRollup },
  tx_rollup_remove_commitment: { path: 'tx_rollup_remove_commitment', address: senderOrRollup },
  tx_rollup_rejection: {
    path: 'tx_rollup_rejection',
    address: ['sender', 'rollup', 'committer'],
  },
  tx_rollup_dispatch_tickets: { path: 'tx_rollup_dispatch_tickets', address: senderOrRollup },
  attestation: { path: 'attestations', address: delegate },
  preattestation: { path: 'preattestations', address: delegate },
  ballot: { path: 'ballots', address: delegate },
  proposal: { path: 'proposals', address: delegate },
  activation: { path: 'activations', address: ['account'] },
  double_baking: { path: 'double_baking', address: accuserOrOffender },
  double_consensus: { path: 'double_consensus', address: accuserOrOffender },
  dal_entrapment_evidence: { path: 'dal_entrapment_evidence', address: accuserOrOffender },
  nonce_revelation: { path: 'nonce_revelations', address: ['anyof.baker.sender'] },
  vdf_revelation: { path: 'vdf_revelations', address: baker },
  drain_delegate: { path: 'drain_delegate', address: ['anyof.delegate.target'] },
  baking: { path: 'baking', address: ['anyof.proposer.producer'] },
  attestation_reward: { path: 'attestation_rewards', address: baker },
  dal_attestation_reward: { path: 'dal_attestation_reward', address: baker },
  revelation_penalty: { path: 'revelation_penalties', address: baker },
  migration: { path: 'migrations', address: ['account'], select: migrationFields },
  autostaking: { path: 'autostaking', address: baker },
};

/** All names, in the order of the reference. */
export const operationTypes: readonly string[] = Object.keys(operationKinds);
