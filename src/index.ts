/**
 * The package's public types: what somebody needs who writes a source or reads errors and
 * configuration. The program itself is the `ommer` command.
 */
export type {
  Config,
  KafkaConfig,
  RegistryConfig,
  RouteConfig,
  SourceConfig,
  TopicsConfig,
} from './config/config.ts';
export type { BlockHeader, BlockRef } from './model/block.ts';
export type { Checkpoint } from './model/checkpoint.ts';
export type { ControlEvent } from './model/control.ts';
export type { Cursor } from './model/cursor.ts';
export {
  DataError,
  type ErrorCode,
  errorCodes,
  FatalError,
  PipelineError,
  TransientError,
} from './model/errors.ts';
export type { Event, Origin, Reorg, Row, RowValue } from './model/event.ts';
export type { Clock, Logger, Metrics } from './model/runtime.ts';
export type { BatchUpdate, BlockUpdate, SourceUpdate } from './model/update.ts';
export type {
  Channel,
  ConfigSchema,
  OptionSchema,
  Source,
  SourceCheck,
  SourceDefinition,
  SourceRuntime,
  Subject,
} from './sources/source.ts';
