import type { JsonValue } from '@tutti/kernel';

const MAX_DEPTH = 500;

/** What is not JSON, and where: `output.items[3].score`. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * A copy that shares nothing with the value: what an agent keeps and changes later does not reach events, and what it changes in its input
 * does not reach the run. A property that is undefined is left out, as JSON does.
 *
 * @param what names the value in messages
 * @throws NotJson for undefined, functions, symbols, big integers, NaN, infinities, cycles, and objects that JSON would empty or rewrite, such as Map and Date
 */
export function copyJson(value: unknown, what: string): JsonValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  return copy(value, [what]);
}

function copy(value: unknown, path: (string | number)[]): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw refusal(path, `is ${value}, which JSON cannot hold`);
      return value;
    case 'object':
      if (value === null) return null;
      if (path.length > MAX_DEPTH) throw refusal(path.slice(0, 5), `contains itself or is nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? copyArray(value, path) : copyObject(value, path);
    default:
      throw refusal(path, `is ${value === undefined ? 'undefined' : `a ${typeof value}`}, expected a JSON value`);
  }
}

function copyArray(value: readonly unknown[], path: (string | number)[]): JsonValue {
  const result: JsonValue[] = [];
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    result.push(copy(value[index], path));
    path.pop();
  }
  return result;
}

function copyObject(value: object, path: (string | number)[]): JsonValue {
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]' || typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    throw refusal(path, `is a ${value.constructor?.name ?? kind.slice(8, -1)}, expected a plain object`);
  }
  const result: Record<string, JsonValue> = {};
  for (const key of Object.keys(value)) {
    const member: unknown = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    path.push(key);
    const copied = copy(member, path);
    path.pop();
    if (key === '__proto__') Object.defineProperty(result, key, { value: copied, enumerable: true, writable: true, configurable: true });
    else result[key] = copied;
  }
  return result;
}

function refusal(path: readonly (string | number)[], problem: string): NotJson {
  const [what, ...rest] = path;
  return new NotJson(`${what}${rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')} ${problem}`);
}
