import type { Runtime } from '@tutti/kernel';
import type { z } from 'zod';
import { TuttiClientError } from './client-error.js';
import { retrying, type RetryPolicy } from './retry/retrying.js';
import type { Operations, Transport } from './transport.port.js';

export interface CallOptions {
  /** Ends the call with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** What the parts of a client share. */
export interface Calls {
  readonly transport: Transport;
  readonly runtime: Runtime;
  /** How long a lost server is waited for by what waits anyway: results and events. */
  readonly reconnectLimitMs: number;
  /**
   * One operation, tried again after a passing fault: every operation answers a repeat as the first time. With `patient`, for as long as a lost server is waited for.
   *
   * @throws TuttiClientError
   */
  ask<Name extends keyof Operations, Answer>(
    name: Name,
    request: Operations[Name],
    answer: z.ZodType<Answer>,
    options?: CallOptions & { readonly patient?: boolean },
  ): Promise<Answer>;
  /** Pages until `limit` items. */
  pages<Name extends keyof Operations, Page extends { readonly nextPageToken: string }, Item>(
    name: Name,
    request: Omit<Operations[Name], 'pageSize' | 'pageToken'>,
    answer: z.ZodType<Page>,
    items: (page: Page) => readonly Item[],
    options: CallOptions & { readonly limit?: number | undefined },
  ): Promise<readonly Item[]>;
}

const MOST_PER_PAGE = 200;
const DEFAULT_LIMIT = 100;
const PATIENT = { tries: Number.MAX_SAFE_INTEGER, firstWaitMs: 200, longestWaitMs: 2_000 };

export function createCalls(transport: Transport, runtime: Runtime, retry: RetryPolicy, reconnectLimitMs: number): Calls {
  const ask: Calls['ask'] = async (name, request, answer, { signal, patient = false } = {}) => {
    const policy = patient ? { ...PATIENT, limitMs: reconnectLimitMs } : retry;
    const found = await retrying(() => transport.call(name, request, signal), policy, runtime, signal);
    const parsed = answer.safeParse(found);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') || 'its top';
    throw new TuttiClientError('ANSWER_UNREADABLE', `the answer to ${name} has another shape at ${place}: ${issue?.message ?? 'unknown'}`);
  };
  return {
    transport,
    runtime,
    reconnectLimitMs,
    ask,
    async pages(name, request, answer, items, { limit = DEFAULT_LIMIT, signal }) {
      const all: ReturnType<typeof items>[number][] = [];
      for (let pageToken = ''; ;) {
        const pageSize = Math.min(MOST_PER_PAGE, limit - all.length);
        const page = await ask(name, { ...request, pageSize, pageToken } as unknown as Operations[typeof name], answer, { signal });
        all.push(...items(page));
        // A page that names itself as the next would be read for ever.
        if (page.nextPageToken === '' || page.nextPageToken === pageToken || all.length >= limit) return all;
        pageToken = page.nextPageToken;
      }
    },
  };
}
