import type { JsonObject } from '@tutti/kernel';

/**
 * What an index or a filter may name: a top-level field of the document, or a path like `owner.name`. Each part is a letter or `_`, then
 * letters, digits and `_`. `_id` is the key.
 */
export type FieldPath = string;

export interface ReadModelDefinition {
  /** Snake-case collection name. */
  readonly name: string;
  /** Another version is another collection, built beside the live one. */
  readonly version: number;
  /**
   * Each index is a list of fields, most significant first. A find must be carried by one of them or by the key, see {@link Query}. An indexed
   * field holds a string, a number, a boolean, null or nothing: a write with an array or an object there is refused.
   */
  readonly indexes: readonly (readonly FieldPath[])[];
}

export type Scalar = string | number | boolean | null;

/**
 * The subset of MongoDB's filter language that every adapter takes; anything else is refused with INVALID_REQUEST. As there: a missing field
 * equals null; `$gt` and its kin match only values of the operand's type; text is compared by code point, without locale; several operators
 * on one field must all hold. `$in` takes at most 1,000 values; an empty one matches nothing.
 */
export type Condition =
  | Scalar
  | {
      readonly $eq?: Scalar;
      readonly $in?: readonly Scalar[];
      readonly $gt?: string | number;
      readonly $gte?: string | number;
      readonly $lt?: string | number;
      readonly $lte?: string | number;
    };

export type Filter = Readonly<Record<FieldPath, Condition>>;

/**
 * An index carries a query when its fields, followed by `_id`, begin with the fields tested for equality (a value, `$eq`, `$in`; in any
 * order), then come, both optional, the one field tested by range and the sort, which begins with that field. Fields pinned to one value may
 * be left in the sort or out of it. Sorting by `_id` alone is always carried, but costs sorting all matches where the index has more fields
 * than are pinned. `_id` is an index by itself; a filter that pins `_id` may test every indexed field, and sorts by `_id`.
 */
export interface Query {
  /** Every field must match. `_id` is the key. */
  readonly filter?: Filter;
  /** By fields of one index in its order, all in one direction, or by `_id`; ties are broken by key, in that direction. Default: by key, ascending. */
  readonly sort?: readonly (readonly [field: FieldPath, direction: 'asc' | 'desc'])[];
  /**
   * Give what comes after this document in the sort order: its `cursor`, opaque. It holds the sort values, not a place, so pages neither skip
   * nor repeat while others come and go, and it outlives a rebuild. It serves only the sort it was made for.
   */
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

/** One collection at one version. Once another version has been promoted, every call throws STORE_UNAVAILABLE: open the live one. Promoting drops it for good. */
export interface ReadModel<Doc extends JsonObject = JsonObject> {
  get(key: string): Promise<StoredDocument<Doc> | null>;
  /** Those that exist, each once, in no particular order. */
  getMany(keys: readonly string[]): Promise<readonly StoredDocument<Doc>[]>;
  /** @throws TuttiError INVALID_REQUEST for an operator, field or sort that the declared indexes do not carry, or a cursor of another sort. */
  find(query: Query): Promise<readonly FoundDocument<Doc>[]>;
  /**
   * Writes documents and the checkpoint in one step, all or nothing. A checkpoint never goes back: a step whose checkpoint is below the stored
   * one is a repeat and changes nothing. There is one writer, which awaits each step before the next.
   *
   * A removal is remembered at least until a later step moves the checkpoint past it, so repeating steps never brings a document back.
   *
   * @throws TuttiError INVALID_REQUEST for a key, position or indexed field that is not as described; nothing is written.
   */
  write(writes: readonly DocumentWrite<Doc>[], checkpoint: number): Promise<void>;
  /** Position up to which events are folded in; -1 for none. */
  checkpoint(): Promise<number>;
}

/**
 * Collections of JSON documents that projections keep. Everything here can be made again from the event store; durability may lag behind it
 * but a checkpoint is never ahead of its documents.
 */
export interface ReadModels {
  /** Opens the collection, making it and its indexes where missing. @throws TuttiError INVALID_REQUEST for a malformed definition. */
  open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>>;
  /** Version that queries by name are answered from; null before the first {@link promote}. */
  liveVersion(name: string): Promise<number | null>;
  /**
   * Makes this version the live one and drops the others. The switch is atomic: a reader sees the old one whole or the new one whole.
   * @throws TuttiError INVALID_REQUEST when that version was never opened.
   */
  promote(name: string, version: number): Promise<void>;
}
