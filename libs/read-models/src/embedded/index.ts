export { openEmbeddedReadModels, type EmbeddedReadModels, type EmbeddedReadModelsOptions } from './embedded-read-models.js';
export { highestCheckpoint } from './highest-checkpoint.js';
export { startProjectionThread, type ProjectionThread, type ProjectionThreadOptions } from './thread/projection-thread.js';
export { serveProjections, type ServedProjection, type ServeProjectionsOptions } from './thread/serve-projections.js';
