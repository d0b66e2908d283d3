import { isJsonObject, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { DocumentWrite, FieldPath, ReadModelDefinition, Scalar } from './read-models.port.js';

export const KEY_FIELD = '_id';

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const PATH = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,7}$/;
const MAX_INDEXES = 32;
const MAX_INDEX_FIELDS = 8;
const MAX_KEY_LENGTH = 1024;

/** @throws TuttiError INVALID_REQUEST when a name, version or index is not of the described form. */
export function checkDefinition(definition: ReadModelDefinition): void {
  const { name, version, indexes } = definition;
  if (typeof name !== 'string' || !NAME.test(name))
    refuse(`read model name ${show(name)}: expected snake case, 1 to 63 characters, a letter first`);
  if (!Number.isSafeInteger(version) || version < 1)
    refuse(`version ${show(version)} of read model ${name}: expected a whole number from 1`);
  if (!Array.isArray(indexes) || indexes.length > MAX_INDEXES)
    refuse(`indexes of read model ${name}: expected a list of at most ${MAX_INDEXES}`);
  for (const index of indexes) {
    const found = `index ${show(index)} of read model ${name}`;
    if (!Array.isArray(index) || index.length < 1 || index.length > MAX_INDEX_FIELDS)
      refuse(`${found}: expected 1 to ${MAX_INDEX_FIELDS} fields`);
    if (new Set(index).size !== index.length) refuse(`${found}: expected every field once`);
    for (const field of index) {
      if (typeof field !== 'string' || !PATH.test(field) || field.split('.')[0] === KEY_FIELD) {
        refuse(
          `field ${show(field)} in ${found}: expected a path like owner.name of letters, digits and _, not ${KEY_FIELD}, which ends every index anyway`,
        );
      }
    }
  }
}

/** Every field of every index, once. */
export function indexedFields(definition: ReadModelDefinition): readonly FieldPath[] {
  return [...new Set(definition.indexes.flat())];
}

/** @throws TuttiError INVALID_REQUEST for a key, position, checkpoint or indexed field that no adapter takes. */
export function checkWrites(
  definition: ReadModelDefinition,
  fields: readonly FieldPath[],
  writes: readonly DocumentWrite[],
  checkpoint: number,
): void {
  const where = `read model ${definition.name} v${definition.version}`;
  if (!Number.isSafeInteger(checkpoint) || checkpoint < -1)
    refuse(`checkpoint ${show(checkpoint)} of ${where}: expected a whole number from -1`);
  for (const { key, document, position } of writes) {
    checkKey(key, where);
    if (!Number.isSafeInteger(position) || position < 0)
      refuse(`position ${show(position)} of document ${key} in ${where}: expected a whole number from 0`);
    if (document === null) continue;
    if (!isJsonObject(document)) refuse(`document ${key} in ${where}: expected an object or null, found ${show(document)}`);
    for (const field of fields) {
      if (scalarAt(document, field) === undefined) {
        refuse(
          `indexed field ${field} of document ${key} in ${where}: expected a string, finite number, boolean, null or nothing, found an array or object on the path`,
        );
      }
    }
  }
}

function checkKey(key: string, where: string): void {
  if (typeof key !== 'string' || key.length < 1 || key.length > MAX_KEY_LENGTH || !key.isWellFormed()) {
    refuse(`key ${show(key)} in ${where}: expected 1 to ${MAX_KEY_LENGTH} characters of well-formed Unicode`);
  }
}

/** The value an index holds for this field: null where it is missing; undefined where an array or an object stands in the way. */
export function scalarAt(document: JsonObject, field: FieldPath): Scalar | undefined {
  let value: JsonValue | undefined = document;
  for (const part of field.split('.')) {
    if (Array.isArray(value)) return undefined;
    if (!isJsonObject(value) || !Object.hasOwn(value, part)) return null;
    value = value[part];
  }
  return value === undefined ? null : isScalar(value) ? value : undefined;
}

export function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'string') return value.isWellFormed();
  return value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

export function refuse(message: string): never {
  throw new TuttiError('INVALID_REQUEST', message);
}

/** A value as it is named in an error, never long. */
export function show(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
