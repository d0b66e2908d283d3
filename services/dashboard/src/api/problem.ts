import { z } from 'zod';

const problemDocument = z.object({
  title: z.string().default(''),
  status: z.number().default(0),
  detail: z.string().default(''),
  code: z.string().default(''),
  retryable: z.boolean().default(false),
  details: z.unknown().optional(),
  instance: z.string().optional(),
});

export type Problem = Readonly<z.infer<typeof problemDocument>>;

/** What the API refused, in its own words; or that it could not be asked. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail === '' ? problem.title : problem.detail);
  }

  get isUnauthenticated(): boolean {
    return this.problem.code === 'UNAUTHENTICATED';
  }
}

export function problemIn(status: number, text: string): Problem {
  const parsed = problemDocument.safeParse(jsonOf(text));
  if (parsed.success && parsed.data.code !== '') return parsed.data;
  return { title: `The answer has the status ${status}`, status, detail: text.slice(0, 500), code: '', retryable: status >= 500 };
}

export function unreachable(reason: string): Problem {
  return {
    title: 'Tutti cannot be reached',
    status: 0,
    detail: `${reason}. Is it running? Start it with "tutti up".`,
    code: 'NOT_RUNNING',
    retryable: true,
  };
}

/** Any thrown value as what the page shows. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: 'The page has met an unexpected fault', status: 0, detail, code: '', retryable: false };
}

interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

const fieldProblems = z.object({ problems: z.array(z.object({ path: z.string(), message: z.string() })) });

/** The single objections of an INVALID_REQUEST or INVALID_INPUT, if the problem lists them. */
export function fieldProblemsOf(problem: Problem): readonly FieldProblem[] {
  const parsed = fieldProblems.safeParse(problem.details);
  return parsed.success ? parsed.data.problems : [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
