import { isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { CompiledSchema } from './json-schema.js';

/**
 * The inputs with the `default`s of their schema where they say nothing, in `properties` and, in those that are given, below. What is only said by way of `$ref` or by
 * one of several schemas is left alone: it need not be meant.
 */
export function fillDefaults(compiled: CompiledSchema | null, inputs: JsonObject): JsonObject {
  return compiled === null ? inputs : fill(compiled.schema, inputs);
}

function fill(schema: JsonObject, value: JsonObject): JsonObject {
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return value;
  let filled: Record<string, JsonValue> | null = null;
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) continue;
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const better = given === undefined ? property['default'] : isJsonObject(given) ? fill(property, given) : given;
    if (better === undefined || better === given) continue;
    filled ??= { ...value };
    // A property may be called "__proto__".
    Object.defineProperty(filled, name, { value: better, enumerable: true, writable: true, configurable: true });
  }
  return filled ?? value;
}
