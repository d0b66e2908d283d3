import { z } from 'zod';
import { exitCodeFor } from './exit-codes.js';
import { Failure, type Problem } from './failure.js';

/** RFC 9457 with Tutti's members; what is missing or of another shape is passed over, since proxies answer too. */
const problemDocument = z.object({
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  retryable: z.boolean().optional().catch(undefined),
  details: z.unknown().optional(),
  /** Names this one occurrence in the server's log. */
  instance: z.string().optional().catch(undefined),
});

const problemList = z.object({
  problems: z.array(
    z.union([
      z.object({
        line: z.number().catch(0),
        column: z.number().catch(0),
        path: z.string().catch(''),
        message: z.string(),
      }),
      z.string().transform((message): Problem => ({ line: 0, column: 0, path: '', message })),
    ]),
  ),
});

/** The failure that an answer with an error status stands for. */
export function failureFromAnswer(status: number, body: string, where: string, retryAfter: string | null): Failure {
  const document = problemDocument.safeParse(parseJson(body)).data;
  const code = document?.code ?? `HTTP_${status}`;
  const message = document?.detail || document?.title || `the server answered ${status}`;
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new Failure(code, message, {
    exitCode: exitCodeFor(code, status),
    // An instance matters where the answer says nothing else.
    where: code === 'INTERNAL' && document?.instance !== undefined ? `${where}, instance ${document.instance}` : where,
    problems: problemsOf(document?.details),
    retryable: document?.retryable ?? (status === 429 || status === 503),
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

/** The problem that a WebSocket message carries. */
export function failureFromProblem(problem: unknown, where: string): Failure {
  const status = z.object({ status: z.number() }).safeParse(problem).data?.status ?? 500;
  return failureFromAnswer(status, JSON.stringify(problem ?? null), where, null);
}

export function problemsOf(details: unknown): readonly Problem[] {
  return problemList.safeParse(details).data?.problems ?? [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
