import { isJsonObject, type JsonValue } from '@tutti/kernel';
import { invalidRequest, type RequestProblem } from '@tutti/service-kit';

/** Deepest nesting of lists and objects; what stores, hashes and sends a value goes through it recursively. */
export const MAX_JSON_DEPTH = 200;
const MAX_PROBLEMS = 50;

/** Bytes of a body as text. @throws TuttiError INVALID_REQUEST when they are no UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidRequest([{ path: '', message: 'the body is not UTF-8' }]);
  }
}

/**
 * JSON text as a value that every part behind the door can hold: not nested too deep, no half surrogates (they do not survive UTF-8), numbers
 * within range, no NUL and no `__proto__` among the keys.
 *
 * @throws TuttiError INVALID_REQUEST with every problem
 */
export function parseJsonText(text: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw invalidRequest([{ path: '', message: `the body is not JSON: ${(error as Error).message.toWellFormed()}` }]);
  }
  const problems = findProblems(value);
  if (problems.length > 0) throw invalidRequest(problems);
  return value;
}

interface Visit {
  readonly value: JsonValue;
  readonly key: string;
  readonly parent: Visit | null;
  readonly depth: number;
}

/** With a stack of its own: the call stack would end before the deepest text that the parser takes. */
function findProblems(root: JsonValue): readonly RequestProblem[] {
  const problems: RequestProblem[] = [];
  const open: Visit[] = [];
  const look = (value: JsonValue, key: string, parent: Visit | null): void => {
    const depth = parent === null ? 0 : parent.depth + 1;
    const message = problemOf(value, key, depth);
    if (message !== null && problems.length < MAX_PROBLEMS) problems.push({ path: pointer({ value, key, parent, depth }), message });
    // Only what has members is kept: a list of a million numbers costs nothing.
    else if (message === null && typeof value === 'object' && value !== null) open.push({ value, key, parent, depth });
  };
  look(root, '', null);
  for (let visit = open.pop(); visit !== undefined && problems.length < MAX_PROBLEMS; visit = open.pop()) {
    const { value } = visit;
    if (isList(value)) for (let index = 0; index < value.length; index++) look(value[index] ?? null, String(index), visit);
    else if (isJsonObject(value)) for (const key of Object.keys(value)) look(value[key] ?? null, key, visit);
  }
  return problems;
}

function problemOf(value: JsonValue, key: string, depth: number): string | null {
  if (key === '__proto__') return 'the key "__proto__" is not taken';
  if (!key.isWellFormed()) return 'the key has half a surrogate pair, which is no text';
  if (key.includes('\0')) return 'the key has a NUL character';
  if (typeof value === 'string' && !value.isWellFormed()) return 'the text has half a surrogate pair, which is no text';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'the number is out of range';
  if (typeof value === 'object' && value !== null && depth >= MAX_JSON_DEPTH) return `nested deeper than ${MAX_JSON_DEPTH} levels`;
  return null;
}

/** `Array.isArray` does not narrow a readonly list. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function pointer(visit: Visit): string {
  const keys: string[] = [];
  for (let at: Visit | null = visit; at !== null && at.parent !== null; at = at.parent) {
    keys.push(at.key.slice(0, 100).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'));
  }
  return keys.length === 0 ? '' : `/${keys.reverse().join('/')}`;
}
