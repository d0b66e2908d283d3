import type { JsonObject } from '@tutti/kernel';
import { isScalar, KEY_FIELD, refuse, scalarAt, show } from '../definition.js';
import type { FieldPath, Scalar } from '../read-models.port.js';

export interface SortOrder {
  /** Fields to order by, without those pinned to one value; always ends with `_id`. */
  readonly sort: readonly FieldPath[];
  readonly direction: 'asc' | 'desc';
}

/** The document's values of the sort fields, the key last; what a cursor stands for. */
export function sortValues(sort: readonly FieldPath[], key: string, document: JsonObject): readonly Scalar[] {
  return sort.map((field) => (field === KEY_FIELD ? key : (scalarAt(document, field) ?? null)));
}

export function cursorOf(order: SortOrder, key: string, document: JsonObject): string {
  return encode([sortName(order), ...sortValues(order.sort, key, document)]);
}

/** @throws TuttiError INVALID_REQUEST for a text that no find with this sort gave. */
export function readCursor(cursor: string, order: SortOrder): readonly Scalar[] {
  const expected = `expected the cursor of a document found with the sort ${sortName(order)}`;
  const content = typeof cursor === 'string' ? decode(cursor) : null;
  if (content === null) refuse(`cursor ${show(cursor)}: ${expected}`);
  const [name, ...values] = content;
  if (name !== sortName(order)) refuse(`cursor for the sort ${show(name)}: ${expected}`);
  if (values.length !== order.sort.length || typeof values.at(-1) !== 'string') refuse(`cursor ${show(cursor)}: ${expected}`);
  return values;
}

function sortName({ sort, direction }: SortOrder): string {
  return `${sort.join(',')} ${direction}`;
}

function encode(content: readonly Scalar[]): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

function decode(cursor: string): readonly Scalar[] | null {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(content) || !content.every(isScalar)) return null;
    return encode(content) === cursor ? content : null;
  } catch {
    return null;
  }
}
