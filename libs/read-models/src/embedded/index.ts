export { openEmbeddedReadModels, type EmbeddedReadModels, type EmbeddedReadModelsOptions } from './embedded-read-models.js';
