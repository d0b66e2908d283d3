import { TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import { isReference, templateText, type Reference } from './reference.js';

/** What may be given where a `T` is wanted: a value, a reference to one, or an object or list of these. */
export type Given<T> = Reference<T> | Shape<T>;

/** As {@link Given}, with the outermost object or list written out. */
export type Shape<T> = unknown extends T
  ? AnyShape
  : T extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Given<T[Key]> }
      : T;

export type AnyShape = string | number | boolean | null | readonly AnyGiven[] | { readonly [key: string]: AnyGiven | undefined };
export type AnyGiven = Reference<unknown> | AnyShape;

/** Several values by name, as `with`, `outputs` and `variables` want them. */
export interface GivenObject {
  readonly [key: string]: AnyGiven | undefined;
}

/** What it will be when the run gets there. */
export type Resolved<Shown> =
  Shown extends Reference<infer Value>
    ? [Value] extends [never]
      ? unknown
      : Value
    : Shown extends readonly (infer Item)[]
      ? Resolved<Item>[]
      : Shown extends object
        ? { readonly [Key in keyof Shown]: Resolved<Shown[Key]> }
        : Shown;

/** References become `${{ … }}`; members that are undefined are left out. @throws TuttiError DEFINITION_INVALID for what is not JSON */
export function toTemplate(given: unknown, place: string): JsonValue {
  if (isReference(given)) return templateText(given);
  if (given === null || typeof given === 'string' || typeof given === 'boolean') return given;
  if (typeof given === 'number' && Number.isFinite(given)) return given;
  if (Array.isArray(given)) return given.map((item, index) => toTemplate(item, `${place}[${index}]`));
  if (typeof given === 'object' && isPlain(given)) return toTemplateObject(given, place);
  throw new TuttiError('DEFINITION_INVALID', `${place}: expected JSON or a reference, found ${describe(given)}`);
}

export function toTemplateObject(given: object, place: string): JsonObject {
  if (isReference(given) || Array.isArray(given))
    throw new TuttiError('DEFINITION_INVALID', `${place}: expected an object with named members`);
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, member]) => (member === undefined ? [] : [[key, toTemplate(member, `${place}.${key}`)]])),
  );
}

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor.name}`;
  return typeof value === 'function' ? 'a function' : String(value);
}
