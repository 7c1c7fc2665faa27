/** The undo window of the reorg and restore benches: 64 blocks that hold 100,000 rows together. */
export const heldBlocks = 64;
export const rowsPerHeldBlock = 1_563;
export const heldRows = heldBlocks * rowsPerHeldBlock;
