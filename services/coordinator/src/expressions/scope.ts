import type { JsonObject, JsonValue } from '@tutti/kernel';

/** What an expression can see. Plain data; the three questions are answered from `outcome`. */
export interface Scope {
  readonly data: JsonObject;
  /** How the step's needs ended; null where nothing may ask. */
  readonly outcome: 'success' | 'failure' | 'skipped' | null;
}

/** Walks a plain path as JSONata would. `unsure` when JSONata's rules for lists come into play. */
export function walkPath(path: readonly string[], data: JsonObject): { readonly value: JsonValue | undefined } | 'unsure' {
  let node: JsonValue | undefined = data;
  for (const name of path) {
    if (Array.isArray(node)) return 'unsure';
    node = typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? (node as JsonObject)[name] : undefined;
  }
  // JSONata takes a list of one for its member and an empty one for nothing only when it built the list itself, which a plain path over objects never does.
  return { value: node };
}

/** Truth as JSONata's $boolean casts it. */
export function isTruthy(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.some((item: JsonValue) => isTruthy(item));
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value);
}
