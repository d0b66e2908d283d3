import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import {
  explainTasks,
  getApproval,
  getRun,
  getVersion,
  getWorkflow,
  hasEnded,
  listAgents,
  listApprovals,
  listDeadLetters,
  listNotifications,
  listQueries,
  listRunEvents,
  listRuns,
  listSchedules,
  listWorkflows,
  listWorkflowVersions,
  type EventView,
  type RunView,
} from '@tutti/rest-contract';
import type { Http, Query } from './http.js';
import { tasksInHand } from './tasks-in-hand.js';

export const PAGE_SIZE = 50;
const EVENTS_PER_PAGE = 1_000;
/** Of one run; a longer log is shown from its beginning up to here, and says so. */
export const MAX_EVENTS = 20_000;

const AGAIN_EVERY_MS = 5_000;

/** What the page reads, by the key that live events outdate. */
export const queries = {
  runs: (http: Http, filter: Query) =>
    infiniteQueryOptions({
      queryKey: ['runs', filter],
      queryFn: ({ pageParam, signal }) => http.ask(listRuns, { query: { pageSize: PAGE_SIZE, ...filter, pageToken: pageParam }, signal }),
      initialPageParam: '',
      getNextPageParam: (last) => (last.nextPageToken === '' ? undefined : last.nextPageToken),
    }),
  run: (http: Http, id: string) =>
    queryOptions({
      queryKey: ['run', id, 'view'],
      queryFn: async ({ signal }): Promise<RunView> => (await http.ask(getRun, { params: { id }, signal })).run,
      // Events tell when to ask again; this is for a read model that was behind them when it was asked.
      refetchInterval: ({ state }) => (state.data === undefined || hasEnded(state.data) ? false : AGAIN_EVERY_MS),
    }),
  runEvents: (http: Http, id: string) =>
    queryOptions({
      queryKey: ['run-events', id],
      // Live events are put behind these as they come.
      staleTime: Infinity,
      refetchInterval: false,
      queryFn: async ({ signal }) => allEvents(http, id, signal),
    }),
  why: (http: Http, id: string, step: string) =>
    queryOptions({
      queryKey: ['run', id, 'why', step],
      queryFn: async ({ signal }) => (await http.ask(explainTasks, { params: { id }, query: { task: step }, signal })).explanations,
    }),
  runQueries: (http: Http, id: string) =>
    queryOptions({
      queryKey: ['run', id, 'queries'],
      queryFn: async ({ signal }) => (await http.ask(listQueries, { params: { id }, signal })).queries,
    }),
  /** @param runId that of a run whose approvals, and those of runs below it, are asked for; empty for all */
  approvals: (http: Http, status: string, runId = '') =>
    infiniteQueryOptions({
      queryKey: ['approvals', status, runId],
      queryFn: ({ pageParam, signal }) =>
        http.ask(listApprovals, { query: { status, runId, pageSize: PAGE_SIZE, pageToken: pageParam }, signal }),
      initialPageParam: '',
      getNextPageParam: (last) => (last.nextPageToken === '' ? undefined : last.nextPageToken),
    }),
  approval: (http: Http, id: string) =>
    queryOptions({
      queryKey: ['approvals', 'one', id],
      queryFn: async ({ signal }) => (await http.ask(getApproval, { params: { id }, signal })).approval,
    }),
  agents: (http: Http) =>
    queryOptions({
      queryKey: ['agents'],
      queryFn: ({ signal }) => everyPage((pageToken) => http.ask(listAgents, { query: { pageToken }, signal }), 'agents'),
    }),
  load: (http: Http) => queryOptions({ queryKey: ['load'], queryFn: ({ signal }) => tasksInHand(http, signal) }),
  workflows: (http: Http) =>
    queryOptions({
      queryKey: ['workflows', 'list'],
      queryFn: ({ signal }) => everyPage((pageToken) => http.ask(listWorkflows, { query: { pageToken }, signal }), 'workflows'),
    }),
  workflow: (http: Http, name: string, version: number) =>
    queryOptions({
      queryKey: ['workflows', name, version],
      queryFn: async ({ signal }) => {
        const query = version === 0 ? {} : { version };
        return (await http.ask(getWorkflow, { params: { name }, query, signal })).workflow;
      },
    }),
  versions: (http: Http, name: string) =>
    queryOptions({
      queryKey: ['workflows', name, 'versions'],
      queryFn: async ({ signal }) => (await http.ask(listWorkflowVersions, { params: { name }, signal })).versions,
    }),
  schedules: (http: Http) =>
    queryOptions({
      queryKey: ['schedules'],
      queryFn: ({ signal }) => everyPage((pageToken) => http.ask(listSchedules, { query: { pageToken }, signal }), 'schedules'),
    }),
  notifications: (http: Http, status: string) =>
    infiniteQueryOptions({
      queryKey: ['notifications', status],
      queryFn: ({ pageParam, signal }) =>
        http.ask(listNotifications, { query: { status, pageSize: PAGE_SIZE, pageToken: pageParam }, signal }),
      initialPageParam: '',
      getNextPageParam: (last) => (last.nextPageToken === '' ? undefined : last.nextPageToken),
    }),
  deadLetters: (http: Http) =>
    infiniteQueryOptions({
      queryKey: ['dead-letters'],
      queryFn: ({ pageParam, signal }) => http.ask(listDeadLetters, { query: { pageSize: PAGE_SIZE, pageToken: pageParam }, signal }),
      initialPageParam: '',
      getNextPageParam: (last) => (last.nextPageToken === '' ? undefined : last.nextPageToken),
    }),
  version: (http: Http) =>
    queryOptions({
      queryKey: ['version'],
      staleTime: Infinity,
      refetchInterval: false,
      queryFn: async ({ signal }) => (await http.ask(getVersion, { signal })).version,
    }),
};

async function allEvents(http: Http, id: string, signal: AbortSignal): Promise<readonly EventView[]> {
  const events: EventView[] = [];
  for (let from: number | null = 0; from !== null && events.length < MAX_EVENTS;) {
    const query: Query = { from, limit: EVENTS_PER_PAGE };
    const page: { readonly events: readonly EventView[]; readonly nextRevision: number | null } = await http.ask(listRunEvents, {
      params: { id },
      query,
      signal,
    });
    events.push(...page.events);
    from = page.nextRevision;
  }
  return events;
}

async function everyPage<Name extends string, Item>(
  ask: (pageToken: string) => Promise<Readonly<Record<Name, readonly Item[]>> & { readonly nextPageToken: string }>,
  name: Name,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let token = '';
  do {
    const page = await ask(token);
    items.push(...page[name]);
    token = page.nextPageToken;
  } while (token !== '');
  return items;
}
