/** The columns of every dataset after chain, height, block_hash and block_time. */
import type { TzktDataset } from '../messages.ts';
import { columnsOf, type RowTable } from './columns.ts';

const rewards = `
reward_delegated decimal rewardDelegated
reward_staked_own decimal rewardStakedOwn
reward_staked_edge decimal rewardStakedEdge
reward_staked_shared decimal rewardStakedShared`;

const bonuses = `
bonus_delegated decimal bonusDelegated
bonus_staked_own decimal bonusStakedOwn
bonus_staked_edge decimal bonusStakedEdge
bonus_staked_shared decimal bonusStakedShared`;

const ticket = `
ticket_id integer ticket.id
ticketer address ticket.ticketer
ticket_type_hash integer ticket.typeHash
ticket_content_hash integer ticket.contentHash
ticket_type json ticket.rawType
ticket_raw_content json ticket.rawContent
ticket_content json ticket.content`;

const token = `
token_ref integer token.id
token_address address! token.contract
token_id decimal! token.tokenId
token_standard text token.standard
token_metadata json token.metadata`;

const touched = `
transfers_count integer transfersCount
first_level integer firstLevel
last_level integer! lastLevel`;

/** By dataset. Aliases are left out: they are off-chain and change without a block. */
export const rowTables: Readonly<Record<TzktDataset, RowTable>> = {
  head: {
    dataset: 'head',
    index: ['hash'],
    columns: columnsOf(`
network text chain
cycle integer cycle
protocol text protocol
next_protocol text nextProtocol
voting_epoch integer votingEpoch
voting_period integer votingPeriod
known_level integer knownLevel
synced flag synced
last_sync time lastSync`),
    rest: 'quotes',
    ignored: ['level', 'hash', 'timestamp', 'chainId'],
  },
  cycles: {
    dataset: 'cycles',
    index: ['index'],
    columns: columnsOf(`
cycle integer! index
first_level integer! firstLevel
last_level integer lastLevel
start_time time startTime
end_time time endTime
snapshot_level integer snapshotLevel
random_seed text randomSeed
total_bakers integer totalBakers
total_baking_power decimal totalBakingPower
block_reward decimal blockReward
block_bonus_per_block decimal blockBonusPerBlock
attestation_reward_per_block decimal attestationRewardPerBlock
nonce_revelation_reward decimal nonceRevelationReward
vdf_revelation_reward decimal vdfRevelationReward
dal_attestation_reward_per_shard decimal dalAttestationRewardPerShard`),
    rest: 'details',
  },
  blocks: {
    dataset: 'blocks',
    index: ['hash'],
    columns: columnsOf(`
cycle integer cycle
protocol_code integer proto
payload_round integer payloadRound
block_round integer blockRound
proposer address proposer
producer address producer
attestation_power decimal attestationPower
attestation_committee decimal attestationCommittee
deposit decimal deposit${rewards}${bonuses}
fees decimal fees
nonce_revealed flag nonceRevealed
software_version text software.version
lb_toggle flag lbToggle
lb_toggle_ema integer lbToggleEma`),
    rest: 'details',
    ignored: ['level', 'hash', 'timestamp', 'validations', 'aiToggleEma', 'doublePreendorsing'],
  },
  operations: {
    dataset: 'operations',
    index: ['type', 'id'],
    columns: columnsOf(`
op_type text! type
op_id integer! id
op_hash text hash
counter integer counter
nonce text nonce
status text status
sender address sender
sender_code_hash integer senderCodeHash
initiator address initiator
target address target
target_code_hash integer targetCodeHash
amount decimal amount
entrypoint text parameter.entrypoint
parameter json parameter.value
storage json storage
diffs json diffs
errors json errors
gas_limit integer gasLimit
gas_used integer gasUsed
storage_limit integer storageLimit
storage_used integer storageUsed
baker_fee decimal bakerFee
storage_fee decimal storageFee
allocation_fee decimal allocationFee
has_internals flag hasInternals
token_transfers_count integer tokenTransfersCount
ticket_transfers_count integer ticketTransfersCount
events_count integer eventsCount
originated_contract address originatedContract
originated_contract_json json originatedContract
delegate address delegate
prev_delegate address prevDelegate
new_delegate address newDelegate
baker address baker
staker address staker
rollup address rollup
account address account`),
    rest: 'details',
    ignored: ['level', 'timestamp', 'block'],
  },
  bigmaps: {
    dataset: 'bigmaps',
    index: ['id'],
    columns: columnsOf(`
update_id integer! id
bigmap integer! bigmap
contract_address address contract
storage_path text path
update_action text! action
key_hash text content.hash
key_json json content.key
value_json json content.value`),
    rest: 'details',
    ignored: ['level', 'timestamp'],
  },
  events: {
    dataset: 'events',
    index: ['id'],
    columns: columnsOf(`
contract_event_id integer! id
contract_address address! contract
code_hash integer codeHash
tag text tag
payload json payload
op_id integer transactionId`),
    rest: 'details',
    ignored: ['level', 'timestamp'],
  },
  token_transfers: {
    dataset: 'token_transfers',
    index: ['id'],
    columns: columnsOf(`
transfer_id integer! id
transfer_level integer! level
transfer_time time! timestamp${token}
from_address address from
to_address address to
amount decimal! amount
transaction_id integer transactionId
origination_id integer originationId
migration_id integer migrationId`),
    rest: 'details',
  },
  token_balances: {
    dataset: 'token_balances',
    index: ['id'],
    columns: columnsOf(`
balance_id integer! id
account address! account${token}
entrypoint key entrypoint
balance decimal! balance
balance_value decimal balanceValue${touched}`),
    rest: 'details',
    ignored: ['firstTime', 'lastTime'],
  },
  ticket_transfers: {
    dataset: 'ticket_transfers',
    index: ['id'],
    columns: columnsOf(`
transfer_id integer! id${ticket}
from_address address from
to_address address to
amount decimal! amount
transaction_id integer transactionId
transfer_ticket_id integer transferTicketId
smart_rollup_execute_id integer smartRollupExecuteId`),
    rest: 'details',
    ignored: ['level', 'timestamp'],
  },
  ticket_balances: {
    dataset: 'ticket_balances',
    index: ['id'],
    columns: columnsOf(`
balance_id integer! id
account address! account${ticket}
balance decimal! balance${touched}`),
    rest: 'details',
    ignored: ['firstTime', 'lastTime'],
  },
  accounts: {
    dataset: 'accounts',
    index: ['address'],
    columns: columnsOf(`
account_id integer id
address text! address
account_type text! type
balance decimal balance
staked_balance decimal stakedBalance
unstaked_balance decimal unstakedBalance
rollup_bonds decimal rollupBonds
smart_rollup_bonds decimal smartRollupBonds
counter integer counter
revealed flag revealed
public_key text publicKey
delegate address delegate
active flag active
contract_kind text kind
creator address creator
type_hash integer typeHash
code_hash integer codeHash
first_activity integer firstActivity
last_activity integer! lastActivity`),
    rest: 'details',
    ignored: ['alias', 'firstActivityTime', 'lastActivityTime'],
  },
};
