import type { JsonObject } from '@tutti/kernel';

/** What an index or a filter may name: a top-level field of the document, or a path like `owner.name`. */
export type FieldPath = string;

export interface ReadModelDefinition {
  /** Snake-case collection name. */
  readonly name: string;
  /** Another version is another collection, built beside the live one. */
  readonly version: number;
  /** Each index is a list of fields, most significant first. A find must be answerable by one of them or by the key. */
  readonly indexes: readonly (readonly FieldPath[])[];
}

type Scalar = string | number | boolean | null;

/** The subset of MongoDB's filter language that every adapter takes; anything else is refused with INVALID_REQUEST. */
export type Condition =
  | Scalar
  | { readonly $eq?: Scalar; readonly $in?: readonly Scalar[]; readonly $gt?: string | number; readonly $gte?: string | number; readonly $lt?: string | number; readonly $lte?: string | number };

export type Filter = Readonly<Record<FieldPath, Condition>>;

export interface Query {
  /** Every field must match. `_id` is the key. */
  readonly filter?: Filter;
  /** By fields of one index in its order, or by `_id`; ties are broken by key, ascending. Default: by key. */
  readonly sort?: readonly (readonly [field: FieldPath, direction: 'asc' | 'desc'])[];
  /** Give what comes after this document in the sort order: its `cursor`, opaque. */
  readonly after?: string;
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
}

export interface StoredDocument<Doc extends JsonObject = JsonObject> {
  readonly key: string;
  readonly document: Doc;
  /** Position of the last event folded into it. */
  readonly position: number;
}

export interface FoundDocument<Doc extends JsonObject = JsonObject> extends StoredDocument<Doc> {
  readonly cursor: string;
}

export interface DocumentWrite<Doc extends JsonObject = JsonObject> {
  readonly key: string;
  /** Null removes the document. */
  readonly document: Doc | null;
  /** Position of the last event folded in. Ignored, without error, where the stored document is at this position or later. */
  readonly position: number;
}

/** One collection at one version. */
export interface ReadModel<Doc extends JsonObject = JsonObject> {
  get(key: string): Promise<StoredDocument<Doc> | null>;
  getMany(keys: readonly string[]): Promise<readonly StoredDocument<Doc>[]>;
  /** @throws TuttiError INVALID_REQUEST for an operator, field or sort that the declared indexes do not carry. */
  find(query: Query): Promise<readonly FoundDocument<Doc>[]>;
  /** Writes documents and the checkpoint in one durable step. A checkpoint never goes back. */
  write(writes: readonly DocumentWrite<Doc>[], checkpoint: number): Promise<void>;
  /** Position up to which events are folded in; -1 for none. */
  checkpoint(): Promise<number>;
}

/**
 * Collections of JSON documents that projections keep. Everything here can be made again from the event store; durability may lag behind it
 * but a checkpoint is never ahead of its documents.
 */
export interface ReadModels {
  /** Opens the collection, making it and its indexes where missing. */
  open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>>;
  /** Version that queries by name are answered from; null before the first {@link promote}. */
  liveVersion(name: string): Promise<number | null>;
  /** Makes this version the live one and drops the others. The switch is atomic: a reader sees the old one whole or the new one whole. */
  promote(name: string, version: number): Promise<void>;
}
