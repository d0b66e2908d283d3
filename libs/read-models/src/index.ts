export type { Projection } from './projection.js';
export type { Condition, DocumentWrite, FieldPath, Filter, FoundDocument, Query, ReadModel, ReadModelDefinition, ReadModels, StoredDocument } from './read-models.port.js';
