import { TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { Capability } from './capability.js';
import { expressionText, isReference } from './reference.js';
import { toJsonSchema, type Schema } from './schema.js';
import { SCOPE } from './scope.js';
import { isPlain, toTemplate, toTemplateObject } from './template.js';

type Options = Readonly<Record<string, unknown>>;
type Writer = (value: unknown, place: string) => JsonValue;

/** Members that are written as they are need no entry. */
const BODY: Readonly<Record<string, Writer>> = {
  capability: (value) => (typeof value === 'string' ? value : (value as Capability).name),
  priority: template,
  routing: template,
  concurrency: template,
  rateLimit: template,
  sleep: template,
  wait: (value, place) => writeMembers(value as Options, { schema, where: expression }, place),
  workflow: (value, place) => {
    if (typeof value === 'string') return value;
    if ('document' in (value as Options)) return (value as { readonly name: string }).name;
    return writeMembers(value as Options, { name: (name) => (typeof name === 'string' ? name : (name as { name: string }).name) }, place);
  },
  plan: (value, place) =>
    typeof value === 'object' && !isReference(value)
      ? writeMembers(value as Options, { from: expression }, place)
      : expression(value, place),
  set: object,
  with: object,
  input: schema,
  output: schema,
};

const GATE: Readonly<Record<string, Writer>> = {
  schema,
  expression,
  plan: expression,
  value: expression,
  run: template,
  with: object,
  capability: BODY['capability'] as Writer,
  title: template,
  // An expression in the definition, whatever it is made of here.
  payload: (value, place) => {
    const written = template(value, place);
    return typeof written === 'string' ? written : `\${{ ${asExpression(written)} }}`;
  },
};

const STEP: Readonly<Record<string, Writer>> = {
  ...BODY,
  if: expression,
  forEach: (value, place) =>
    typeof value === 'object' && !isReference(value)
      ? writeMembers(value as Options, { items: expression }, place)
      : { items: expression(value, place) },
  switch: expression,
  cases: (value, place) =>
    Object.fromEntries(Object.entries(value as Options).map(([name, body]) => [name, writeBody(body as Options, `${place}.${name}`)])),
  default: (value, place) => writeBody(value as Options, place),
  repeat: (value, place) => writeMembers(value as Options, { until: expression }, place),
  gates: (value, place) => (value as readonly Options[]).map((gate, index) => writeMembers(gate, GATE, `${place}[${index}]`)),
  catch: (value, place) => (value as readonly Options[]).map((body, index) => writeBody(body, `${place}[${index}]`)),
  compensate: (value, place) => writeBody(value as Options, place),
};

const BODY_KINDS = ['capability', 'sleep', 'wait', 'workflow', 'steps', 'plan', 'set'];

/** A step as a definition has it. @throws TuttiError DEFINITION_INVALID */
export function writeStep(options: object, place: string): JsonObject {
  return writeWork(options as Options, STEP, [...BODY_KINDS, 'switch'], place);
}

/** What stands in `cases`, `catch`, `compensate` and `onFailure`. @throws TuttiError DEFINITION_INVALID */
export function writeBody(options: object, place: string): JsonObject {
  return writeWork(options as Options, BODY, BODY_KINDS, place);
}

/** What a callback gives, or the value itself. */
export function ask(value: unknown): unknown {
  return typeof value === 'function' && !isReference(value) ? (value as (scope: unknown) => unknown)(SCOPE) : value;
}

function writeWork(options: Options, writers: Readonly<Record<string, Writer>>, kinds: readonly string[], place: string): JsonObject {
  const given = kinds.filter((kind) => options[kind] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none' : given.join(' and ');
    throw new TuttiError('DEFINITION_INVALID', `${place}: expected exactly one of ${kinds.join(', ')}; found ${found}`);
  }
  const { steps, capability, ...rest } = options;
  const group = steps === undefined ? {} : (steps as { readonly document: JsonObject }).document;
  const typed = typeof capability === 'object' ? (capability as Capability) : { input: undefined, output: undefined };
  const schemas = {
    input: options['input'] ?? typed.input,
    // A case or handler has no output schema of its own.
    ...(writers === STEP ? { output: options['output'] ?? typed.output } : {}),
  };
  return { ...writeMembers({ capability, ...rest, ...schemas }, writers, place), ...group };
}

function writeMembers(options: Options, writers: Readonly<Record<string, Writer>>, place: string): JsonObject {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      if (value === undefined) return [];
      const at = `${place}.${name}`;
      return [[name, (writers[name] ?? template)(value, at)] as const];
    }),
  );
}

function expression(value: unknown, place: string): JsonValue {
  const asked = ask(value);
  if (isReference(asked)) return expressionText(asked);
  // A list that is known now is an expression, too.
  return `\${{ ${asExpression(template(asked, place))} }}`;
}

function template(value: unknown, place: string): JsonValue {
  const asked = ask(value);
  if (typeof asked !== 'object' || asked === null || isReference(asked) || !isPlain(asked)) return toTemplate(asked, place);
  // Callbacks may stand further in, as in a limit's key.
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, member]) =>
      member === undefined ? [] : [[name, template(member, `${place}.${name}`)] as const],
    ),
  );
}

function object(value: unknown, place: string): JsonValue {
  return toTemplateObject(ask(value) as object, place);
}

function schema(value: unknown, place: string): JsonValue {
  return toJsonSchema(value as Schema, place);
}

/** A template as JSONata: what stands in `${{ }}` is put in as it is. */
function asExpression(written: JsonValue): string {
  if (typeof written === 'string') {
    const only = /^\$\{\{([\s\S]*)\}\}$/.exec(written)?.[1];
    return only === undefined ? JSON.stringify(written) : `(${only.trim()})`;
  }
  if (Array.isArray(written)) return `[${written.map((item: JsonValue) => asExpression(item)).join(', ')}]`;
  if (typeof written !== 'object' || written === null) return JSON.stringify(written);
  return `{${Object.entries(written)
    .map(([name, member]) => `${JSON.stringify(name)}: ${asExpression(member)}`)
    .join(', ')}}`;
}
