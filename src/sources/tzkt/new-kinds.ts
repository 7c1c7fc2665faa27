/**
 * Operations of kinds that TzKT got after our list of kinds was made. Neither the hub nor a list of
 * REST can be asked for a kind without its name, but a block read with its operations has a member
 * for each list that the server knows, empty ones too.
 */
import { TransientError } from '../../model/errors.ts';
import type { Logger } from '../../model/runtime.ts';
import { isObject } from '../wire-object.ts';
import type { OperationFilter } from './filters.ts';
import type { TzktBlock, WireFields } from './messages.ts';
import { operationKinds } from './operation-kinds.ts';
import type { TzktRest } from './rest.ts';
import { parseItems } from './wire.ts';

/** The lists of a block in TzKT 1.17.2, by its model of a block; the last six are former names. */
const knownLists: ReadonlySet<string> = new Set(
  `attestations preattestations proposals ballots activations dalEntrapmentEvidenceOps doubleBaking
  doubleConsensus nonceRevelations vdfRevelations delegations originations transactions reveals
  registerConstants setDepositsLimits transferTicketOps txRollupCommitOps txRollupDispatchTicketsOps
  txRollupFinalizeCommitmentOps txRollupOriginationOps txRollupRejectionOps
  txRollupRemoveCommitmentOps txRollupReturnBondOps txRollupSubmitBatchOps increasePaidStorageOps
  updateSecondaryKeyOps drainDelegateOps srAddMessagesOps srCementOps srExecuteOps srOriginateOps
  srPublishOps srRecoverBondOps srRefuteOps stakingOps setDelegateParametersOps
  dalPublishCommitmentOps migrations revelationPenalties attestationRewards dalAttestationRewards
  autostakingOps updateConsensusKeyOps endorsements preendorsements doubleEndorsing
  doublePreendorsing endorsingRewards`.split(/\s+/),
);

/**
 * Asks for one block of each version of the server and each protocol, because its lists change with
 * nothing else; after that only where they have such kinds.
 */
export class NewKinds {
  readonly #rest: TzktRest;
  readonly #logger: Logger;
  /** Those that name no kinds and so mean all. */
  readonly #filters: readonly OperationFilter[];
  /** Versions and protocols whose lists are known. */
  readonly #seen = new Set<string>();
  /** The lists of such kinds that any server had: several versions may answer in turn. */
  readonly #lists = new Set<string>();

  constructor(rest: TzktRest, filters: readonly OperationFilter[], logger: Logger) {
    this.#rest = rest;
    this.#logger = logger;
    this.#filters = filters.filter(({ types }) => types === undefined);
  }

  /** The block's operations of such kinds; or that REST has another block, or none yet. */
  async at(
    block: TzktBlock,
    signal: AbortSignal,
  ): Promise<readonly WireFields[] | 'moved' | 'lagging'> {
    const proto = `${block.fields['proto']}`;
    const isKnown = this.#seen.has(`${this.#rest.version} ${proto}`);
    if (this.#filters.length === 0 || (isKnown && this.#lists.size === 0)) return [];
    const path = `/v1/blocks/${block.level}`;
    const params = { operations: 'true' };
    const { value, level, version } = await this.#rest.get({ path, params }, signal);
    if ((level ?? block.level) < block.level) return 'lagging';
    if (!isObject(value) || value['hash'] !== block.hash) return 'moved';
    this.#learn(value, `${version} ${proto}`);
    return [...this.#lists]
      .flatMap((list) => parseItems(value[list] ?? [], path))
      .filter((item) => this.#isWanted(item));
  }

  #learn(block: WireFields, key: string): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const lists = Object.keys(block).filter((name) => Array.isArray(block[name]));
    const unknown = lists.filter((name) => !knownLists.has(name) && !this.#lists.has(name));
    for (const name of unknown) this.#lists.add(name);
    const { origin } = this.#rest;
    if (!lists.includes('transactions')) {
      this.#warn(
        `${origin} shows a block without its lists of operations, so kinds that are new in it cannot be noticed. Check that it is TzKT 1.4 or newer and that nothing between changes its answers.`,
      );
    } else if (unknown.length > 0) {
      this.#warn(
        `${origin} has kinds of operations that this version does not know: ${unknown.join(', ').slice(0, 500)}. Their operations are published with their members in "details", at the cost of one request for each block. A newer version may ask for them by name.`,
      );
    }
  }

  #warn(message: string): void {
    const err = new TransientError('source.unknown_kind', { stage: 'sources', message });
    this.#logger.warn({ err }, 'kinds of operations unknown');
  }

  #isWanted(item: WireFields): boolean {
    if (operationKinds[`${item['type']}`] !== undefined) return false;
    return this.#filters.some(
      ({ address }) =>
        address === undefined || Object.values(item).some((member) => names(member, address)),
    );
  }
}

/** Which members of a new kind the hub would compare is not known, so any of them counts. */
function names(member: unknown, address: string): boolean {
  return member === address || (isObject(member) && member['address'] === address);
}
