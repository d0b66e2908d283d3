import { TuttiError } from '@tutti/kernel';
import type { z } from 'zod';

export interface RequestProblem {
  /** JSON Pointer into the body, or the names of the members with dots between them; empty for the request as a whole. */
  readonly path: string;
  readonly message: string;
}

const MAX_PROBLEMS = 50;
const PROBLEMS_IN_MESSAGE = 5;
const PREVIEW_CHARACTERS = 80;
const KEY_CHARACTERS = 100;

/**
 * The request in the shape the schema describes.
 *
 * @param what put before the problems, like the name of the operation
 * @throws TuttiError INVALID_REQUEST with every problem: its path, what was found and what was expected
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, request: unknown, what = ''): z.output<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, request));
  throw invalidRequest(problems, what);
}

/** INVALID_REQUEST that says the first problems and carries the first 50 in its details. */
export function invalidRequest(problems: readonly RequestProblem[], what = ''): TuttiError {
  const lines = problems.slice(0, PROBLEMS_IN_MESSAGE).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = problems.length > lines.length ? ` (and ${problems.length - lines.length} more)` : '';
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({ path, message }));
  return new TuttiError('INVALID_REQUEST', `${what === '' ? '' : `${what}: `}${lines.join('; ') || 'not valid'}${more}`, {
    details: { problems: shown },
  });
}

function problemsOf(issue: z.core.$ZodIssue, request: unknown): readonly RequestProblem[] {
  const keys = issue.path.map((key) => String(key).slice(0, KEY_CHARACTERS).toWellFormed());
  const path = keys.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...keys, key.slice(0, KEY_CHARACTERS).toWellFormed()].join('.'),
      message: 'is not a known member',
    }));
  }
  const expected = /expected .*$/s.exec(issue.message)?.[0].replace(/, received [^,]*$/, '');
  const found = valueAt(request, issue.path);
  if (expected !== undefined) return [{ path, message: `found ${preview(found)}, ${expected}` }];
  return [
    { path, message: typeof found === 'string' || typeof found === 'number' ? `found ${preview(found)}: ${issue.message}` : issue.message },
  ];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

/** What was found, never long: a list or an object by its size or kind. */
function preview(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return JSON.stringify(value) ?? typeof value;
  const text = JSON.stringify(value.slice(0, PREVIEW_CHARACTERS));
  return value.length > PREVIEW_CHARACTERS ? `${text.slice(0, -1)}…"` : text;
}
