export { createLiveReadModel, type LiveReadModel } from './live-read-model.js';
export { createProjectionHost, type ProjectionHost } from './projection/projection-host.js';
export { startProjection, type StartProjectionOptions } from './projection/projection-runner.js';
export {
  createSeatedProjectionHost,
  type FoldingLife,
  type FoldingTurn,
  type SeatedProjectionsOptions,
} from './projection/seated-projection.js';
export type { Projection } from './projection/projection.js';
export { rebuildAndCompare, type RebuildAndCompareOptions } from './projection/rebuild-and-compare.js';
export type { ProjectionLogger, ProjectionStatus, RunningProjection } from './projection/running-projection.js';
export type {
  Condition,
  DocumentWrite,
  FieldPath,
  Filter,
  FoundDocument,
  Query,
  ReadModel,
  ReadModelDefinition,
  ReadModels,
  Scalar,
  StoredDocument,
} from './read-models.port.js';
