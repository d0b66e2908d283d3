import type { HttpClient } from '@tutti/client/http';
import * as routes from '@tutti/rest-contract';
import type { FeedEvent } from '@tutti/rest-contract';
import { z } from 'zod';
import { accessOperations } from './access-api.js';
import { createRouteCaller, type Answer, type Query } from './call-route.js';
import { scheduleOperations } from './schedule-api.js';

export type { Answer } from './call-route.js';

export interface StartRun {
  readonly workflow: string;
  readonly workflowVersion?: number;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string;
}

interface RunsQuery {
  readonly workflow?: string;
  readonly status?: string;
  readonly label?: readonly string[];
  readonly children?: 'true';
  readonly root?: string;
}

interface Migration {
  readonly toVersion: number;
  readonly dryRun: boolean;
  readonly mapping: Readonly<Record<string, string>>;
  readonly reason?: string;
}

export type Api = ReturnType<typeof createApi>;

const MOST_EVENTS = 500;
const runEventsPage = z.object({ events: z.array(routes.feedEvent).default([]), nextRevision: z.number().nullable().default(null) });
const eventsPage = z.object({ events: z.array(routes.feedEvent).default([]), nextAfter: z.number().nullable().default(null) });

/** The server's REST operations. Every one may throw the Failure that {@link HttpClient.send} describes. */
export function createApi(http: HttpClient) {
  const caller = createRouteCaller(http);
  const { call, list, read } = caller;
  const underKey = (key: string) => ({ headers: { 'idempotency-key': key } });
  return {
    ...scheduleOperations(caller),
    ...accessOperations(caller),
    version: () => call(routes.getVersion),
    doctor: () => call(routes.getDoctor),

    registerWorkflow: (text: string, contentType: string) => call(routes.registerWorkflow, { text: { contentType, text } }),
    validateWorkflow: (text: string, contentType: string) => call(routes.validateWorkflow, { text: { contentType, text } }),
    listWorkflows: (limit?: number) => list(routes.listWorkflows, 'workflows', {}, limit),
    getWorkflow: (name: string, version?: number) => call(routes.getWorkflow, { params: { name }, query: { version } }),
    listVersions: (name: string) => call(routes.listWorkflowVersions, { params: { name } }),
    changeRollout: (name: string, rules: readonly object[], reason: string | undefined) =>
      call(routes.changeRollout, { params: { name }, body: { rules, ...withReason(reason) } }),
    holdVersion: (name: string, version: number, change: 'drain' | 'restore', reason: string | undefined) =>
      call(change === 'drain' ? routes.drainVersion : routes.restoreVersion, { params: { name, version }, body: withReason(reason) }),

    startRun: ({ idempotencyKey, ...body }: StartRun) => call(routes.startRun, { body, ...underKey(idempotencyKey) }),
    listRuns: (query: RunsQuery, limit?: number) => list(routes.listRuns, 'runs', { query: { ...query } }, limit),
    getRun: (id: string, minPosition?: number) => call(routes.getRun, { params: { id }, query: { minPosition } }),
    changeRun: (id: string, change: 'pause' | 'resume', reason: string | undefined) =>
      call(change === 'pause' ? routes.pauseRun : routes.resumeRun, { params: { id }, body: withReason(reason) }),
    cancelRun: (id: string, reason: string | undefined, force = false) =>
      call(routes.cancelRun, { params: { id }, body: { ...withReason(reason), ...(force ? { force } : {}) } }),
    signalRun: (id: string, name: string, payload: unknown, signalId: string) =>
      call(routes.signalRun, { params: { id, name }, body: { payload, id: signalId } }),
    listQueries: (id: string) => call(routes.listQueries, { params: { id } }),
    queryRun: (id: string, name: string) => call(routes.queryRun, { params: { id, name }, body: {} }),
    setVariables: (id: string, values: object, reason: string | undefined) =>
      call(routes.setVariables, { params: { id }, body: { values, ...withReason(reason) } }),
    migrateRun: (id: string, body: Migration) => call(routes.migrateRun, { params: { id }, body }),
    retryRun: (id: string, body: object, repairId: string) => call(routes.retryRun, { params: { id }, body, ...underKey(repairId) }),
    resetRun: (id: string, body: object, repairId: string) => call(routes.resetRun, { params: { id }, body, ...underKey(repairId) }),
    skipStep: (id: string, step: string, body: object, repairId: string) =>
      call(routes.skipStep, { params: { id, step }, body, ...underKey(repairId) }),
    listTasks: (id: string, query: { readonly step?: string }, limit?: number) =>
      list(routes.listTasks, 'tasks', { params: { id }, query: { ...query } }, limit),
    listAttempts: (id: string, task?: string) => call(routes.listAttempts, { params: { id }, query: { task } }),
    explain: (id: string, task?: string) => call(routes.explainTasks, { params: { id }, query: { task } }),

    /** Whole as they came, whatever they are: the program passes events on. */
    runEvents: (
      id: string,
      from: number,
      signal?: AbortSignal,
    ): Promise<Answer<{ readonly events: readonly FeedEvent[]; readonly nextRevision: number | null }>> =>
      read(
        {
          ...{ path: `/v1/runs/${encodeURIComponent(id)}/events`, query: { from, limit: MOST_EVENTS } },
          ...(signal === undefined ? {} : { signal }),
        },
        runEventsPage,
      ),
    events: (after: number | undefined, query: Query, limit = MOST_EVENTS) =>
      read({ path: '/v1/events', query: { after, limit: Math.min(limit, MOST_EVENTS), ...query } }, eventsPage),
    publishEvent: (event: object) =>
      call(routes.publishEvent, { text: { contentType: 'application/cloudevents+json', text: JSON.stringify(event) } }),

    listApprovals: (query: { readonly status?: string; readonly runId?: string }, limit?: number) =>
      list(routes.listApprovals, 'approvals', { query: { ...query } }, limit),
    getApproval: (id: string) => call(routes.getApproval, { params: { id } }),
    decideApproval: (id: string, approved: boolean, payloadHash: string, reason: string | undefined) =>
      call(approved ? routes.approve : routes.reject, { params: { id }, body: { payloadHash, ...withReason(reason) } }),
    delegateApproval: (id: string, to: string, reason: string | undefined) =>
      call(routes.delegateApproval, { params: { id }, body: { to, ...withReason(reason) } }),

    listAgents: (query: Query, limit?: number) => list(routes.listAgents, 'agents', { query }, limit),
    getAgent: (name: string) => call(routes.getAgent, { params: { name } }),
    holdAgent: (name: string, change: 'pause' | 'resume', reason: string | undefined) =>
      call(change === 'pause' ? routes.pauseAgent : routes.resumeAgent, { params: { name }, body: withReason(reason) }),
    listServices: (query: { readonly service?: string; readonly health?: string }, limit?: number) =>
      list(routes.listServices, 'instances', { query: { ...query } }, limit),

    listDeadLetters: (query: { readonly topic?: string; readonly group?: string }, limit?: number) =>
      list(routes.listDeadLetters, 'deadLetters', { query: { ...query } }, limit),
    getDeadLetter: (id: string) => call(routes.getDeadLetter, { params: { id } }),
    settleDeadLetter: (id: string, how: 'replay' | 'discard', reason: string | undefined) =>
      // Not repeatable: the second time there is none any more.
      call(how === 'replay' ? routes.replayDeadLetter : routes.discardDeadLetter, {
        params: { id },
        body: withReason(reason),
        repeatable: false,
      }),
    listNotifications: (query: { readonly status?: string; readonly channel?: string; readonly runId?: string }, limit?: number) =>
      list(routes.listNotifications, 'notifications', { query: { ...query } }, limit),
    testChannel: (channel: string, to: readonly string[]) =>
      // Not repeatable: every call sends.
      call(routes.testChannel, { body: { channel, to }, repeatable: false }),
  };
}

function withReason(reason: string | undefined): object {
  return reason === undefined ? {} : { reason };
}
