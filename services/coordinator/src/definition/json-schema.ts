import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import type { JsonObject, JsonValue } from '@tutti/kernel';

export interface SchemaProblem {
  /** JSON Pointer into the value. */
  readonly path: string;
  readonly message: string;
}

export interface CompiledSchema {
  readonly schema: JsonObject;
  /** Empty when the value matches. At most 20. */
  readonly check: (value: JsonValue | undefined) => readonly SchemaProblem[];
}

/** Patterns run on RE2, linear in the text whatever the pattern. */
const linearRegExp = Object.assign(
  (pattern: string, flags: string) => {
    const compiled = RE2JS.compile(pattern, flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
    // By its text Ajv tells patterns apart: two with the same text would be one.
    const toString = (): string => `/${pattern}/${flags}`;
    return { test: (text: string) => compiled.matcher(text).find(), source: pattern, flags, toString };
  },
  { code: 'linearRegExp' },
);

/** What a schema is held against; made ready once, as that takes longer than all the rest. */
const metaSchemas = newAjv(true);

/** @throws Error whose message says what is wrong with the schema */
export function compileSchema(schema: JsonObject): CompiledSchema {
  void metaSchemas.validateSchema(schema, true);
  // For each one its own: what two of them call `$id` need not be the same.
  const ajv = newAjv(false);
  const validate: ValidateFunction = ajv.compile(schema);
  // Its answer would be a promise, and so look like a match.
  if ('$async' in validate) throw new Error('"$async" is not supported');
  return {
    schema,
    check: (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, 20).map(describe)),
  };
}

function newAjv(validateSchema: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: true,
    logger: false,
    validateSchema,
    code: { regExp: linearRegExp },
  });
  ajvFormats.default(ajv);
  return ajv;
}

function describe(error: ErrorObject): SchemaProblem {
  const params = error.params as Record<string, unknown>;
  const extra = error.keyword === 'additionalProperties' ? ` "${String(params['additionalProperty'])}"` : '';
  const allowed = error.keyword === 'enum' ? ` ${JSON.stringify(params['allowedValues'])}` : '';
  return { path: error.instancePath, message: `${error.message ?? error.keyword}${extra}${allowed}` };
}

export function describeProblems(problems: readonly SchemaProblem[]): string {
  return problems.map(({ path, message }) => `${path === '' ? 'value' : path} ${message}`).join('; ');
}
