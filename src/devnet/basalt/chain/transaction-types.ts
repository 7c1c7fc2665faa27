/** The types of Basalt transactions and what a transaction of each type carries. */

/** How the transactions of a type are filled. */
export interface TypeSpec {
  /** Whom it goes to; `nobody` is the zero address. */
  readonly to: 'user' | 'contract' | 'dex' | 'nobody';
  readonly hasValue: boolean;
  /** Fewest and most bytes of `data`. */
  readonly dataBytes: readonly [min: number, max: number];
  /** The events that a successful one may emit. */
  readonly events: readonly string[];
}

/** Every type; the position is the code on the wire (0..20). */
export const typeSpecs = {
  Transfer: { to: 'user', hasValue: true, dataBytes: [0, 0], events: [] },
  ContractDeploy: { to: 'nobody', hasValue: true, dataBytes: [200, 900], events: ['Deployed'] },
  ContractCall: {
    to: 'contract',
    hasValue: true,
    dataBytes: [4, 260],
    events: ['Transfer', 'Approval', 'Minted', 'Anonymous'],
  },
  StakeDeposit: { to: 'nobody', hasValue: true, dataBytes: [0, 0], events: [] },
  StakeWithdraw: { to: 'nobody', hasValue: true, dataBytes: [0, 0], events: [] },
  ValidatorRegister: { to: 'nobody', hasValue: true, dataBytes: [48, 48], events: [] },
  ValidatorExit: { to: 'nobody', hasValue: false, dataBytes: [0, 0], events: [] },
  DexCreatePool: { to: 'dex', hasValue: false, dataBytes: [44, 44], events: ['PoolCreated'] },
  DexAddLiquidity: { to: 'dex', hasValue: false, dataBytes: [136, 136], events: ['Added'] },
  DexRemoveLiquidity: { to: 'dex', hasValue: false, dataBytes: [104, 104], events: ['Removed'] },
  DexSwapIntent: { to: 'dex', hasValue: false, dataBytes: [114, 114], events: ['SwapIntent'] },
  DexLimitOrder: { to: 'dex', hasValue: false, dataBytes: [81, 81], events: ['OrderPlaced'] },
  DexCancelOrder: { to: 'dex', hasValue: false, dataBytes: [8, 8], events: ['OrderCancelled'] },
  DexTransferLp: { to: 'dex', hasValue: false, dataBytes: [60, 60], events: ['LpTransfer'] },
  DexApproveLp: { to: 'dex', hasValue: false, dataBytes: [60, 60], events: ['LpApproval'] },
  DexMintPosition: { to: 'dex', hasValue: false, dataBytes: [80, 80], events: ['PositionMinted'] },
  DexBurnPosition: { to: 'dex', hasValue: false, dataBytes: [40, 40], events: ['PositionBurned'] },
  DexCollectFees: { to: 'dex', hasValue: false, dataBytes: [8, 8], events: ['FeesCollected'] },
  DexEncryptedSwapIntent: { to: 'dex', hasValue: false, dataBytes: [170, 300], events: [] },
  DexAdminPause: { to: 'dex', hasValue: false, dataBytes: [1, 1], events: ['Paused'] },
  DexSetParameter: { to: 'dex', hasValue: false, dataBytes: [33, 33], events: ['ParameterSet'] },
} as const satisfies Readonly<Record<string, TypeSpec>>;

/** The name of a type, as REST shows it. */
export type TransactionType = keyof typeof typeSpecs;

/** All names by ascending code. */
export const transactionTypes = Object.keys(typeSpecs) as readonly TransactionType[];
