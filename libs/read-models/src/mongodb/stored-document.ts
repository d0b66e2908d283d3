import { isJsonObject, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import mongoose from 'mongoose';
import type { StoredDocument } from '../read-models.port.js';

/** What a collection of documents holds under a key. Without `document` it remembers that the key was removed at that position. */
export interface MongoDocument {
  readonly _id: string;
  readonly position: number;
  readonly document?: JsonObject;
  /** Wall clock of the removal, ms. */
  readonly removedAt?: number;
}

/** MongoDB takes documents of 16 MiB and 100 levels; the rest is for what stands around this one. */
const MAX_BYTES = 16 * 1024 * 1024 - 64 * 1024;
const MAX_DEPTH = 96;
/** BSON needs at most so many times the bytes of JSON text (a list of one-digit numbers); only what could be too large is measured. */
const BSON_GROWTH = 8;

/** Names that MongoDB's own language gives a meaning (`$set`, `a.b`), or that BSON cannot hold, are written with `%24`, `%2E`, `%00`. */
const ODD_NAME = /[$.%\0]/;
const ENCODED = /%(24|2E|25|00)/g;

/** @throws TuttiError INVALID_REQUEST, PAYLOAD_TOO_LARGE for what no collection could hold */
export function checkHoldable(key: string, document: JsonObject, jsonLength: number): void {
  if (depthOf(document, MAX_DEPTH + 1) > MAX_DEPTH) {
    throw new TuttiError('INVALID_REQUEST', `document ${key} has objects or lists in each other over more than ${MAX_DEPTH} levels`);
  }
  if (jsonLength * BSON_GROWTH < MAX_BYTES) return;
  const bytes = mongoose.mongo.BSON.calculateObjectSize({ document: encodeNames(document) });
  if (bytes > MAX_BYTES) {
    throw new TuttiError('PAYLOAD_TOO_LARGE', `document ${key} has ${bytes} bytes as BSON, at most ${MAX_BYTES} fit`);
  }
}

export function encodeNames(document: JsonObject): JsonObject {
  return hasName(document, ODD_NAME) ? (renamed(document, encodeName) as JsonObject) : document;
}

export function toStored(found: MongoDocument): StoredDocument | null {
  const { _id: key, position, document } = found;
  if (document === undefined) return null;
  return { key, position, document: hasName(document, /%/) ? (renamed(document, decodeName) as JsonObject) : document };
}

const encodeName = (name: string): string =>
  name.replace(/[$.%\0]/g, (odd) => `%${odd.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
const decodeName = (name: string): string => name.replace(ENCODED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function hasName(value: JsonValue, sought: RegExp): boolean {
  if (Array.isArray(value)) return value.some((item: JsonValue) => hasName(item, sought));
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, item]) => sought.test(name) || hasName(item, sought));
}

function renamed(value: JsonValue, rename: (name: string) => string): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => renamed(item, rename));
  if (!isJsonObject(value)) return value;
  // Makes a property of `__proto__` too, which an assignment would not.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]));
}

function depthOf(value: JsonValue, limit: number): number {
  if (limit === 0 || typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const item of Object.values<JsonValue>(value)) deepest = Math.max(deepest, depthOf(item, limit - 1));
  return deepest + 1;
}
