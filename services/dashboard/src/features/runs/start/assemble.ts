import type { Draft } from './draft.js';
import type { Schema, SchemaNode } from './schema-node.js';

export interface Assembled {
  /** Undefined for what was left empty. */
  readonly value: unknown;
  /** What is wrong, by JSON pointer; the server has the last word on the rest of the schema. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What the form holds as a value of its schema. What was left empty is left out. */
export function assemble(node: SchemaNode, draft: Draft, isRequired = true, path = ''): Assembled {
  const { value, problems } = read(node, draft, isRequired, path);
  if (value === undefined)
    return isRequired ? { value, problems: { ...problems, [path]: problems[path] ?? 'This is needed.' } } : { value, problems };
  const problem = problems[path] ?? objectionTo(node, value);
  return { value, problems: problem === null ? problems : { ...problems, [path]: problem } };
}

function read(node: SchemaNode, draft: Draft, isRequired: boolean, path: string): Assembled {
  if (typeof draft === 'boolean') return of(draft || isRequired || node.initial !== undefined ? draft : undefined);
  if (typeof draft === 'string') return readText(node, draft, path);
  if (!('length' in draft)) return readNested(node, draft, isRequired, path);
  if (draft.length === 0 && !isRequired) return of(undefined);
  return of(node.kind === 'choices' ? draft.map((text) => JSON.parse(text) as unknown) : draft);
}

function readText(node: SchemaNode, text: string, path: string): Assembled {
  if (text === '') return of(undefined);
  if (node.kind === 'number' || node.kind === 'integer') {
    const number = Number(text);
    return Number.isNaN(number) ? { value: undefined, problems: { [path]: 'Expected a number.' } } : of(number);
  }
  if (node.kind !== 'json' && node.kind !== 'choice') return of(text);
  try {
    return of(JSON.parse(text));
  } catch {
    return { value: undefined, problems: { [path]: 'This is no JSON.' } };
  }
}

type Nested = Exclude<Draft, string | boolean | readonly string[]>;

function readNested(node: SchemaNode, draft: Nested, isRequired: boolean, path: string): Assembled {
  if ('variant' in draft) {
    const chosen = node.kind === 'variants' ? node.variants[draft.variant] : undefined;
    return chosen === undefined ? of(undefined) : assemble(chosen, draft.draft, isRequired, path);
  }
  if ('items' in draft) {
    if (node.kind !== 'list' || (draft.items.length === 0 && !isRequired)) return of(undefined);
    const items = draft.items.map((item, index) => assemble(node.item, item.draft, true, `${path}/${index}`));
    return {
      value: items.map(({ value }) => value),
      problems: Object.assign({}, ...items.map(({ problems }) => problems)) as Assembled['problems'],
    };
  }
  if (node.kind !== 'group') return of(undefined);
  const members = node.members.map(({ name, isRequired: isNeeded, node: member }) => {
    const found = assemble(member, draft.members[name] ?? '', isNeeded, `${path}/${pointerPart(name)}`);
    return { name, ...found };
  });
  const values = members.filter(({ value }) => value !== undefined).map(({ name, value }) => [name, value] as const);
  const isEmpty = values.length === 0 && Object.keys(draft.rest).length === 0;
  // A group that is not needed and that nobody has begun is left out, whatever it would need.
  if (isEmpty && !isRequired) return of(undefined);
  return {
    value: { ...draft.rest, ...Object.fromEntries(values) },
    problems: Object.assign({}, ...members.map(({ problems }) => problems)) as Assembled['problems'],
  };
}

/** What the schema's bounds say against the value; null for nothing. */
function objectionTo({ kind, schema }: SchemaNode, value: unknown): string | null {
  if (kind === 'integer' && !Number.isInteger(value)) return 'Expected a whole number.';
  if (typeof value === 'number') return objectionToNumber(schema, value);
  if (typeof value === 'string') return objectionToText(schema, value);
  if (!Array.isArray(value)) return null;
  const { minItems, maxItems, uniqueItems } = schema;
  if (typeof minItems === 'number' && value.length < minItems) return `Expected at least ${minItems}.`;
  if (typeof maxItems === 'number' && value.length > maxItems) return `Expected at most ${maxItems}.`;
  const isRepeated = uniqueItems === true && new Set(value.map((one) => JSON.stringify(one))).size < value.length;
  return isRepeated ? 'Expected each only once.' : null;
}

function objectionToNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: Schema, value: number): string | null {
  if (typeof minimum === 'number' && value < minimum) return `Expected ${minimum} or more.`;
  if (typeof maximum === 'number' && value > maximum) return `Expected ${maximum} or less.`;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return `Expected more than ${exclusiveMinimum}.`;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return `Expected less than ${exclusiveMaximum}.`;
  return typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf) ? `Expected a multiple of ${multipleOf}.` : null;
}

function objectionToText({ minLength, maxLength, pattern }: Schema, value: string): string | null {
  if (typeof minLength === 'number' && value.length < minLength) return `Expected at least ${minLength} characters.`;
  if (typeof maxLength === 'number' && value.length > maxLength) return `Expected at most ${maxLength} characters.`;
  return typeof pattern === 'string' && !matches(pattern, value) ? `Expected what matches ${pattern}` : null;
}

/** A pattern that browsers do not know is left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function of(value: unknown): Assembled {
  return { value, problems: {} };
}
