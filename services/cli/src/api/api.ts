import type { HttpClient, HttpRequest } from '@tutti/client/http';
import { z } from 'zod';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import * as schemas from './api-schemas.js';
import { scheduleOperations } from './schedule-api.js';

/** An answer twice: as it came, for programs, and read, for people. */
export interface Answer<T> {
  readonly raw: unknown;
  readonly value: T;
}

type Query = NonNullable<HttpRequest['query']>;

export interface StartRun {
  readonly workflow: string;
  readonly workflowVersion?: number;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string;
}

export type Api = ReturnType<typeof createApi>;

const runEventsPage = z.object({ events: z.array(schemas.feedEvent).default([]), nextRevision: z.number().nullable().default(null) });
const eventsPage = z.object({ events: z.array(schemas.feedEvent).default([]), nextAfter: z.number().nullable().default(null) });

/** The server's REST operations. Every one may throw the {@link Failure} that {@link HttpClient.send} describes. */
export function createApi(http: HttpClient) {
  const read = async <T>(request: HttpRequest, schema: z.ZodType<T>): Promise<Answer<T>> => {
    const { json } = await http.send(request);
    const parsed = schema.safeParse(json);
    if (parsed.success) return { raw: json, value: parsed.data };
    const [issue] = parsed.error.issues;
    throw new Failure(
      'ANSWER_UNREADABLE',
      `the answer does not have the expected shape at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'unknown'}`,
      {
        exitCode: EXIT.failed,
        where: `${request.method ?? 'GET'} ${request.path}`,
      },
    );
  };

  /** Pages until `limit` items, or all without one. */
  const list = async <T>(path: string, member: string, item: z.ZodType<T>, query: Query, limit?: number): Promise<Answer<readonly T[]>> => {
    const page = z.object({ [member]: z.array(item).default([]), nextPageToken: z.string().default('') });
    const raw: unknown[] = [];
    const value: T[] = [];
    let pageToken = '';
    do {
      const pageSize = limit === undefined ? MOST_PER_PAGE : Math.min(MOST_PER_PAGE, limit - value.length);
      const answer = await read({ path, query: { ...query, pageSize, pageToken } }, page);
      value.push(...(answer.value[member] as T[]));
      raw.push(...(((answer.raw as Record<string, unknown>)[member] as unknown[] | undefined) ?? []));
      const next = answer.value.nextPageToken as string;
      // A page that names itself as the next would be read for ever.
      pageToken = next === pageToken ? '' : next;
    } while (pageToken !== '' && (limit === undefined || value.length < limit));
    return { raw: { [member]: raw }, value };
  };

  return {
    ...scheduleOperations({ read, list }),
    version: () => read({ path: '/version' }, schemas.serverVersion),
    registerWorkflow: (text: string, contentType: string) =>
      read(
        { method: 'POST', path: '/v1/workflows', body: { contentType, text }, repeatable: true },
        z.object({ workflow: schemas.workflowView, created: z.boolean().default(false) }),
      ),
    validateWorkflow: (text: string, contentType: string) =>
      read(
        { method: 'POST', path: '/v1/workflows/validate', body: { contentType, text }, repeatable: true },
        z.object({ problems: z.array(z.unknown()).default([]) }),
      ),
    listWorkflows: (limit?: number) => list('/v1/workflows', 'workflows', schemas.workflowView, {}, limit),
    getWorkflow: (name: string, version?: number) =>
      read({ path: `/v1/workflows/${part(name)}`, query: { version } }, z.object({ workflow: schemas.workflowView })),
    listVersions: (name: string) => read({ path: `/v1/workflows/${part(name)}/versions` }, schemas.versionsAnswer),
    changeRollout: (name: string, rules: readonly object[], reason: string | undefined) =>
      read(
        { method: 'PUT', path: `/v1/workflows/${part(name)}/rollout`, body: json({ rules, ...withReason(reason) }), repeatable: true },
        schemas.versionsChanged,
      ),
    holdVersion: (name: string, version: number, change: 'drain' | 'restore', reason: string | undefined) =>
      read(
        {
          method: 'POST',
          path: `/v1/workflows/${part(name)}/versions/${version}/${change}`,
          body: json(withReason(reason)),
          repeatable: true,
        },
        schemas.versionsChanged,
      ),
    migrateRun: (
      id: string,
      request: {
        readonly toVersion: number;
        readonly dryRun: boolean;
        readonly mapping: Readonly<Record<string, string>>;
        readonly reason?: string;
      },
    ) => read({ method: 'POST', path: `/v1/runs/${part(id)}/migrate`, body: json(request), repeatable: true }, schemas.migration),
    startRun: ({ idempotencyKey, ...request }: StartRun) =>
      read(
        { method: 'POST', path: '/v1/runs', body: json(request), headers: { 'idempotency-key': idempotencyKey }, repeatable: true },
        schemas.startedRun,
      ),
    listRuns: (
      query: {
        readonly workflow?: string;
        readonly status?: string;
        readonly label?: readonly string[];
        readonly children?: 'true';
        readonly root?: string;
      },
      limit?: number,
    ) => list('/v1/runs', 'runs', schemas.runView, query, limit),
    getRun: (id: string, minPosition?: number) =>
      read({ path: `/v1/runs/${part(id)}`, query: { minPosition } }, z.object({ run: schemas.runView })),
    changeRun: (id: string, change: 'pause' | 'resume', reason: string | undefined) =>
      read(
        { method: 'POST', path: `/v1/runs/${part(id)}/${change}`, body: json(reason === undefined ? {} : { reason }), repeatable: true },
        z.object({ position: z.coerce.number().default(0) }),
      ),
    cancelRun: (id: string, reason: string | undefined, force = false) =>
      read(
        {
          method: 'POST',
          path: `/v1/runs/${part(id)}/cancel`,
          body: json({ ...(reason === undefined ? {} : { reason }), ...(force ? { force } : {}) }),
          repeatable: true,
        },
        z.object({ position: z.coerce.number().default(0) }),
      ),
    signalRun: (id: string, name: string, payload: unknown, signalId: string) =>
      read(
        { method: 'POST', path: `/v1/runs/${part(id)}/signals/${part(name)}`, body: json({ payload, id: signalId }), repeatable: true },
        z.object({ signalId: z.string().default(''), created: z.boolean().default(false) }),
      ),
    listQueries: (id: string) => read({ path: `/v1/runs/${part(id)}/queries` }, schemas.queriesAnswer),
    queryRun: (id: string, name: string) =>
      read(
        { method: 'POST', path: `/v1/runs/${part(id)}/queries/${part(name)}`, body: json({}), repeatable: true },
        z.object({ value: z.unknown() }),
      ),
    setVariables: (id: string, values: object, reason: string | undefined) =>
      read(
        { method: 'PATCH', path: `/v1/runs/${part(id)}/variables`, body: json({ values, ...withReason(reason) }), repeatable: true },
        z.object({ position: z.coerce.number().default(0) }),
      ),
    repairRun: (id: string, how: string, body: object, repairId: string) =>
      read(
        {
          method: 'POST',
          path: `/v1/runs/${part(id)}/${how}`,
          body: json(body),
          headers: { 'idempotency-key': repairId },
          repeatable: true,
        },
        z.object({ position: z.coerce.number().default(0), steps: z.array(z.string()).default([]) }),
      ),
    listTasks: (id: string, query: { readonly step?: string }, limit?: number) =>
      list(`/v1/runs/${part(id)}/tasks`, 'tasks', schemas.taskView, query, limit),
    listAttempts: (id: string, task?: string) =>
      read({ path: `/v1/runs/${part(id)}/attempts`, query: { task } }, z.object({ tasks: z.array(schemas.taskHistory).default([]) })),
    explain: (id: string, task?: string) =>
      read({ path: `/v1/runs/${part(id)}/why`, query: { task } }, z.object({ explanations: z.array(schemas.explanation).default([]) })),
    runEvents: (id: string, from: number, signal?: AbortSignal) =>
      read(
        { path: `/v1/runs/${part(id)}/events`, query: { from, limit: MOST_EVENTS }, ...(signal === undefined ? {} : { signal }) },
        runEventsPage,
      ),
    events: (
      after: number | undefined,
      query: { readonly type?: readonly string[]; readonly category?: readonly string[] },
      limit?: number,
    ) => read({ path: '/v1/events', query: { after, limit: Math.min(limit ?? MOST_EVENTS, MOST_EVENTS), ...query } }, eventsPage),
    listApprovals: (query: { readonly status?: string; readonly runId?: string }, limit?: number) =>
      list('/v1/approvals', 'approvals', schemas.approvalView, query, limit),
    getApproval: (id: string) => read({ path: `/v1/approvals/${part(id)}` }, z.object({ approval: schemas.approvalView })),
    decideApproval: (id: string, approve: boolean, payloadHash: string, reason: string | undefined) =>
      read(
        {
          method: 'POST',
          path: `/v1/approvals/${part(id)}/${approve ? 'approve' : 'reject'}`,
          body: json({ payloadHash, ...(reason === undefined ? {} : { reason }) }),
          repeatable: true,
        },
        z.object({ runId: z.string().default(''), position: z.coerce.number().default(0) }),
      ),
    delegateApproval: (id: string, to: string, reason: string | undefined) =>
      read(
        {
          method: 'POST',
          path: `/v1/approvals/${part(id)}/delegate`,
          body: json({ to, ...(reason === undefined ? {} : { reason }) }),
          repeatable: true,
        },
        z.object({ position: z.coerce.number().default(0) }),
      ),
    listAgents: (query: Query) => list('/v1/agents', 'agents', schemas.agentView, query),
    getAgent: (name: string) => read({ path: `/v1/agents/${part(name)}` }, z.object({ agent: schemas.agentView })),
    holdAgent: (name: string, change: 'pause' | 'resume', reason: string | undefined) =>
      read(
        {
          method: 'POST',
          path: `/v1/agents/${part(name)}/${change}`,
          body: json(reason === undefined ? {} : { reason }),
          repeatable: true,
        },
        z.object({ position: z.coerce.number().default(0) }),
      ),
    listServices: (query: { readonly service?: string; readonly health?: string }) =>
      list('/v1/services', 'instances', schemas.serviceInstance, query),
    listDeadLetters: (query: { readonly topic?: string; readonly group?: string }, limit?: number) =>
      list('/v1/dead-letters', 'deadLetters', schemas.deadLetter, query, limit),
    getDeadLetter: (id: string) => read({ path: `/v1/dead-letters/${part(id)}` }, z.object({ deadLetter: schemas.deadLetter })),
    settleDeadLetter: (id: string, how: 'replay' | 'discard', reason: string | undefined) =>
      read(
        // Not repeatable: the second time there is none any more.
        { method: 'POST', path: `/v1/dead-letters/${part(id)}/${how}`, body: json(reason === undefined ? {} : { reason }) },
        z.object({ id: z.string() }),
      ),
    listNotifications: (query: { readonly status?: string; readonly channel?: string; readonly runId?: string }, limit?: number) =>
      list('/v1/notifications', 'notifications', schemas.notificationView, query, limit),
    testChannel: (channel: string, to: readonly string[]) =>
      // Not repeatable: every call sends.
      read({ method: 'POST', path: '/v1/notifications/test', body: json({ channel, to }) }, schemas.channelTest),
    doctor: () => read({ path: '/v1/doctor' }, z.object({ checks: z.array(schemas.doctorCheck).default([]) })),
  };
}

const MOST_PER_PAGE = 200;
const MOST_EVENTS = 500;

function withReason(reason: string | undefined): object {
  return reason === undefined ? {} : { reason };
}

function part(text: string): string {
  return encodeURIComponent(text);
}

function json(value: object): { readonly contentType: string; readonly text: string } {
  return { contentType: 'application/json', text: JSON.stringify(value) };
}
