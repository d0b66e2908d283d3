import { TuttiError, type JsonValue } from '@tutti/kernel';

declare const VALUE: unique symbol;
/** Registered, so that references of two copies of this package know each other. */
const EXPRESSION = Symbol.for('@tutti/workflow-sdk/expression');

/** What a place in a run will hold: a value of type `T` that nobody has yet. */
export interface Reference<out T> {
  readonly [VALUE]: T;
}

/**
 * A reference with the members of its value. What is read of it, is read when the run gets there: `steps.reserve.output.id`.
 *
 * It is no value: adding, comparing or printing it throws. That it seems to be a promise lets TypeScript refuse it as a condition, which nothing can see at run time.
 */
export type Ref<T> = unknown extends T ? UntypedRef : Reference<T> & NotAValue & Members<NonNullable<T>>;

/** Of a value without a type. It fits everywhere. */
export interface UntypedRef extends Reference<never> {
  readonly [member: string]: UntypedRef;
}

interface NotAValue {
  then(ready: (value: never) => never): never;
}

type Members<T> = T extends readonly (infer Item)[]
  ? { readonly [index: number]: Ref<Item> }
  : T extends object
    ? { readonly [Key in keyof Required<T>]: Ref<T[Key]> }
    : unknown;

/** A list of texts and expressions in turn: one expression, or a text with expressions in it. */
interface Parts {
  readonly kind: 'path' | 'expression' | 'text';
  readonly parts: readonly (string | { readonly source: string })[];
}

/** @param path from the top of what an expression sees, like `steps.reserve.output` */
export function reference<T>(path: string): Ref<T> {
  // A function, so that calling it can be answered; its name is what inspecting it shows.
  const target = Object.defineProperty(() => undefined, 'name', { value: wrapped(path) });
  const refuse = (what: string, instead: string) => (): never => {
    throw new TuttiError('DEFINITION_INVALID', `${path} has no value yet, it cannot be ${what}; ${instead}`);
  };
  return new Proxy(target, {
    get: (_, member) => {
      if (member === EXPRESSION) return { kind: 'path', parts: [{ source: path }] } satisfies Parts;
      if (member === Symbol.toPrimitive) return refuse('computed with or made a text', 'write it in expr`…` or text`…`');
      if (member === Symbol.iterator) return refuse('looped over or spread', 'use forEach');
      if (typeof member === 'symbol') return undefined;
      if (member === 'then') return refuse('awaited', 'use it as it is')();
      if (member === 'toJSON') return refuse('written as JSON', 'hand it over as a part of a plain object')();
      return reference(path + segment(member));
    },
    apply: refuse('called', 'write what is to be computed in expr`…`'),
    ownKeys: refuse('spread', 'name the members that are wanted'),
    has: refuse('searched', 'write it in expr`…`'),
    set: refuse('changed', 'use a step with `set` for variables of the run'),
  }) as unknown as Ref<T>;
}

/**
 * A JSONata expression over references and plain values, of the type that it is said to have:
 * ``expr<boolean>`${inputs.amount} > 100` ``. The text between is JSONata as in a YAML file.
 */
export function expr<T = unknown>(texts: TemplateStringsArray, ...values: readonly (Reference<unknown> | JsonValue)[]): Reference<T> {
  const source = texts.map((part, index) => part + (index < values.length ? operand(values[index]) : '')).join('');
  return make('expression', [{ source: source.trim() }]);
}

/** A text with references in it: ``text`Order ${inputs.id} is on its way` ``. */
export function text(texts: TemplateStringsArray, ...values: readonly Reference<unknown>[]): Reference<string> {
  return make(
    'text',
    texts.flatMap((part, index) => (index < values.length ? [part, { source: sourceOf(values[index]) }] : [part])),
  );
}

export function isReference(value: unknown): value is Reference<unknown> {
  return partsOf(value) !== null;
}

/** As a definition has it: `${{ … }}`, or a text with such in it. */
export function templateText(reference: Reference<unknown>): string {
  const { parts } = partsOf(reference) ?? notOne(reference);
  return parts.map((part) => (typeof part === 'string' ? part : wrapped(part.source))).join('');
}

/** As one expression of a definition. */
export function expressionText(reference: unknown): string {
  return wrapped(sourceOf(reference));
}

function sourceOf(reference: unknown): string {
  const { kind, parts } = partsOf(reference) ?? notOne(reference);
  const sources = parts.map((part) => (typeof part === 'string' ? JSON.stringify(part) : part.source));
  return kind === 'text' ? sources.filter((source) => source !== '""').join(' & ') || '""' : sources.join('');
}

function operand(value: unknown): string {
  const parts = partsOf(value);
  if (parts === null) return JSON.stringify(value);
  return parts.kind === 'path' ? sourceOf(value) : `(${sourceOf(value)})`;
}

function make<T>(kind: Parts['kind'], parts: Parts['parts']): Reference<T> {
  const made = {
    [EXPRESSION]: { kind, parts },
    [Symbol.toPrimitive]: (): never => {
      throw new TuttiError('DEFINITION_INVALID', `${JSON.stringify(parts)} has no value yet; compute with it inside of expr\`…\``);
    },
  };
  return Object.freeze(made) as unknown as Reference<T>;
}

function partsOf(value: unknown): Parts | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null;
  return (value as { readonly [EXPRESSION]?: Parts })[EXPRESSION] ?? null;
}

function notOne(value: unknown): never {
  throw new TuttiError('DEFINITION_INVALID', `expected a reference or expr\`…\`, found ${JSON.stringify(value) ?? typeof value}`);
}

function wrapped(source: string): string {
  return `\${{ ${source} }}`;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** One member further, as JSONata wants it. */
export function segment(member: string): string {
  if (/^\d+$/.test(member)) return `[${member}]`;
  if (NAME.test(member) && !WORDS.has(member)) return `.${member}`;
  if (member.includes('`')) throw new TuttiError('DEFINITION_INVALID', `no expression can name a member with a backquote: ${member}`);
  return `.\`${member}\``;
}
