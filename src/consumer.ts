/** `ommer/consumer`: what programs import that read ommer's topics. */
export type {
  BlockOffset,
  BlockOffsets,
  BlockPosition,
  IndexedBlock,
} from './consumer/block-offsets.ts';
export type {
  BlockPoint,
  Change,
  ChangeMeta,
  ChangeOf,
  Dataset,
  Step,
  StepBlock,
} from './consumer/change.ts';
export { count, decimalUnits, type Fold, latest, max, sum } from './consumer/fold.ts';
export { type BookRow, FollowedBook } from './consumer/followed-book.ts';
export {
  type MapView,
  MaterializedMap,
  type MaterializedMapOptions,
} from './consumer/materialized-map.ts';
export type {
  ReaderLimits,
  ReaderOptions,
  StartPosition,
  TopicChoice,
} from './consumer/options.ts';
export { type Handlers, openReader, type Reader } from './consumer/reader.ts';
export type * from './consumer/rows.ts';
export { type BookLevel, type BookSides, bookChecksum, checksumText } from './model/book.ts';
export {
  DataError,
  type ErrorCode,
  FatalError,
  PipelineError,
  TransientError,
} from './model/errors.ts';
