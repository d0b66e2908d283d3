import { TuttiError } from '@tutti/kernel';
import { z } from 'zod';

const PREVIEW_CHARACTERS = 80;

/** `user:ada`, `service:agent-workers`, or `demo`. Empty stands for nobody in particular. */
export const actor = z
  .string()
  .regex(/^([a-z]+:[\w.@-]{1,100}|demo)?$/, 'expected an actor like "user:ada"')
  .transform((given) => given || 'service:unknown');

/** What every list request carries. */
export const paging = {
  pageSize: z.int().nonnegative(),
  pageToken: z.string().max(4_000),
  minPosition: z.int().nonnegative(),
};

/**
 * The request in the shape the schema describes.
 *
 * @throws TuttiError INVALID_REQUEST naming for every problem its path, what was found and what was expected
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, request: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String);
    return { path: path.join('.'), found: preview(valueAt(request, path)), expected: expectation(issue.message) };
  });
  const lines = problems.map(({ path, found, expected }) => `${path || 'the request'}: found ${found}, expected ${expected}`);
  throw new TuttiError('INVALID_REQUEST', `${what}: ${lines.join('; ')}`, { details: { problems } });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function preview(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > PREVIEW_CHARACTERS ? `${text.slice(0, PREVIEW_CHARACTERS)}…` : text;
}

/** zod writes "Invalid input: expected string, received number". */
function expectation(message: string): string {
  return message.replace(/^.*?expected /, '').replace(/, received .*$/, '');
}
