import type { StandardJSONSchemaV1, StandardTypedV1 } from '@standard-schema/spec';
import { TuttiError, type JsonObject } from '@tutti/kernel';

/**
 * Any Standard Schema that can say its JSON Schema (Standard JSON Schema), as zod's can from 4.2 on; for others see {@link withJsonSchema}.
 * Its input side counts: the JSON that is handed over. Nobody applies defaults or transformations on the way.
 */
export interface Schema<T = unknown> {
  readonly '~standard': StandardTypedV1.Props<T>;
}

/** A JSON Schema (2020-12) and the type that it stands for. */
export function jsonSchema<T>(schema: JsonObject): Schema<T> {
  const convert = (): Record<string, unknown> => ({ ...schema });
  const standard: StandardJSONSchemaV1.Props<T> = { version: 1, vendor: 'tutti', jsonSchema: { input: convert, output: convert } };
  return { '~standard': standard };
}

/** A Standard Schema that cannot say its JSON Schema, with one beside it. */
export function withJsonSchema<T>(_schema: Schema<T>, schema: JsonObject): Schema<T> {
  return jsonSchema(schema);
}

/** @throws TuttiError DEFINITION_INVALID when the schema cannot say it */
export function toJsonSchema(schema: Schema, place: string): JsonObject {
  const { jsonSchema: converter, vendor } = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>;
  if (converter === undefined) {
    throw new TuttiError(
      'DEFINITION_INVALID',
      `${place}: this schema of ${vendor ?? 'an unknown library'} cannot say its JSON Schema; give it beside: withJsonSchema(schema, {…})`,
    );
  }
  const { $schema: _dialect, ...rest } = convert(converter, place);
  // The round trip leaves what a definition can hold.
  return JSON.parse(JSON.stringify(rest)) as JsonObject;
}

function convert(converter: StandardJSONSchemaV1.Converter, place: string): Record<string, unknown> {
  try {
    return converter.input({ target: 'draft-2020-12' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TuttiError('DEFINITION_INVALID', `${place}: no JSON Schema says the same: ${reason}`, { cause: error });
  }
}
