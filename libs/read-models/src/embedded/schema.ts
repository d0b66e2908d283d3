import type { FieldPath, Scalar } from '../read-models.port.js';

/*
 * What an index holds for a field is one SQLite value, so chosen that SQLite's order of types is MongoDB's and nothing is ever NULL, which compares
 * with nothing: minus infinity for null and missing (JSON has no infinity), numbers, text, one-byte blobs for booleans.
 */
const MISSING = '-9e999';
const TRUE = new Uint8Array([1]);
const FALSE = new Uint8Array([0]);
/** Arrays and objects; they are refused when written, but a field may have been indexed later. */
export const COMPOUND = `x'02'`;

/** Bounds of the types that ranges are asked of, as SQL. */
export const NUMBERS = { above: MISSING, below: `''` } as const;
export const TEXTS = { from: `''`, below: `x''` } as const;

export type SqlValue = string | number | bigint | Uint8Array;

export const documentsTable = (id: number): string => `documents_${id}`;
export const columnName = (number: number): string => `f${number}`;

/** A row without document says that the key was removed at that position. */
export function createDocumentsSql(id: number): string {
  const table = documentsTable(id);
  return `
    CREATE TABLE ${table} (key TEXT PRIMARY KEY NOT NULL, position INTEGER NOT NULL, document TEXT) STRICT, WITHOUT ROWID;
    CREATE INDEX ${table}_removed ON ${table} (position) WHERE document IS NULL;`;
}

/** The column of an indexed field. Filled by whoever writes a document; {@link fillColumnSql} does it for documents that are there already. */
export function createColumnSql(id: number, number: number): string {
  return `ALTER TABLE ${documentsTable(id)} ADD COLUMN ${columnName(number)} ANY`;
}

/** The path has been checked to be letters, digits, `_` and dots, so it cannot end the literal. */
export function fillColumnSql(id: number, number: number, field: FieldPath): string {
  const path = `'$.${field}'`;
  const value = `CASE coalesce(json_type(document, ${path}), 'null')
    WHEN 'null' THEN ${MISSING} WHEN 'true' THEN x'01' WHEN 'false' THEN x'00' WHEN 'array' THEN ${COMPOUND} WHEN 'object' THEN ${COMPOUND}
    ELSE json_extract(document, ${path}) END`;
  return `UPDATE ${documentsTable(id)} SET ${columnName(number)} = ${value} WHERE document IS NOT NULL`;
}

export function createIndexSql(id: number, columns: readonly string[]): string {
  const table = documentsTable(id);
  return `CREATE INDEX IF NOT EXISTS ${table}_${columns.join('_')} ON ${table} (${columns.join(', ')}, key) WHERE document IS NOT NULL`;
}

/** The value that a column holds for this scalar. */
export function sqlValue(value: Scalar): SqlValue {
  if (value === null) return -Infinity;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  return typeof value === 'number' ? sqlNumber(value) : value;
}

/**
 * Between 2^53 and 2^63 JSON text carries the shortest digits that give the number back, SQLite reads them as an exact integer, and that is not the
 * number's own exact value. Such an operand is bound as the same digits.
 */
function sqlNumber(value: number): number | bigint {
  if (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 63) return value;
  const digits = BigInt(String(value));
  return BigInt.asIntN(64, digits) === digits ? digits : value;
}
