import { TuttiError } from '@tutti/kernel';
import { z } from 'zod';

/** @throws TuttiError INVALID_REQUEST with every problem */
export function checkRequest<Schema extends z.ZodType>(schema: Schema, request: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new TuttiError('INVALID_REQUEST', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), { details: { problems } });
}

export const runId = z.string().min(1, 'expected the id of a run').max(200);
export const actor = z.string().min(1, 'expected who does it, like "user:ann"').max(200);
export const reason = z.string().max(2_000).default('');
