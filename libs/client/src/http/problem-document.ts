import { z } from 'zod';
import { TuttiClientError } from '../client-error.js';

/** RFC 9457 with Tutti's members; everything may be missing, since it can come from something in between. */
const problemDocument = z.object({
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  retryable: z.boolean().optional().catch(undefined),
  details: z.unknown().optional(),
  /** Names this one occurrence in the server's log. */
  instance: z.string().optional().catch(undefined),
});

/** The error that an answer with an error status stands for. */
export function errorFromAnswer(status: number, body: string, where: string, retryAfter: string | null): TuttiClientError {
  const document = problemDocument.safeParse(parseJson(body)).data;
  const code = document?.code ?? `HTTP_${status}`;
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new TuttiClientError(code, document?.detail || document?.title || `the server answered ${status}`, {
    status,
    // An instance matters where the answer says nothing else.
    where: code === 'INTERNAL' && document?.instance !== undefined ? `${where}, instance ${document.instance}` : where,
    details: document?.details,
    retryable: document?.retryable ?? (status === 429 || status === 503),
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

/** The problem that a WebSocket message carries. */
export function errorFromProblem(problem: unknown, where: string): TuttiClientError {
  const status = z.object({ status: z.number() }).safeParse(problem).data?.status ?? 500;
  return errorFromAnswer(status, JSON.stringify(problem ?? null), where, null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
