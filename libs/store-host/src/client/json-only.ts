import { isJsonObject, TuttiError, type JsonValue } from '@tutti/kernel';
import type { DocumentWrite, Query } from '@tutti/read-models';

/** Refuses what would arrive as something else than was given. @throws TuttiError INVALID_REQUEST */
export function checkQuery(query: Query): void {
  for (const [property, value] of Object.entries(query)) if (value !== undefined) checkValue(value, property);
}

/** The same for indexed fields, in which it would be found as something else. @throws TuttiError INVALID_REQUEST */
export function checkWrites(fields: readonly string[], writes: readonly DocumentWrite[]): void {
  const paths = fields.map((field) => field.split('.'));
  for (const { key, document } of writes) {
    for (const path of paths) {
      let value: JsonValue | undefined | null = document;
      for (const part of path) value = isJsonObject(value) ? value[part] : undefined;
      if (typeof value === 'number') checkValue(value, `field ${path.join('.')} of document ${key}`);
    }
  }
}

function checkValue(value: unknown, where: string): void {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) checkValue(inner, `${where}.${name}`);
    return;
  }
  const plain = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  if (!plain)
    throw new TuttiError(
      'INVALID_REQUEST',
      `${where} is ${typeof value === 'number' ? value : typeof value}, expected a value that JSON has`,
    );
}
