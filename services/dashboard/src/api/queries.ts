import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Http, Query } from './http.js';
import { answers, hasEnded, type EventView, type RunView } from './views.js';

const PAGE_SIZE = 50;
const EVENTS_PER_PAGE = 1_000;
/** Of one run; a longer log is shown from its beginning up to here, and says so. */
export const MAX_EVENTS = 20_000;
/** Runs whose tasks are counted for the load of agents. */
export const MAX_RUNS_FOR_LOAD = 30;

const AGAIN_EVERY_MS = 5_000;

const enc = encodeURIComponent;

/** What the page reads, by the key that live events outdate. */
export const queries = {
  runs: (http: Http, filter: Query) =>
    infiniteQueryOptions({
      queryKey: ['runs', filter],
      queryFn: ({ pageParam, signal }) =>
        http.call('GET', '/v1/runs', answers.runs, { query: { ...filter, pageSize: PAGE_SIZE, pageToken: pageParam }, signal }),
      initialPageParam: '',
      getNextPageParam: (last) => (last.nextPageToken === '' ? undefined : last.nextPageToken),
    }),
  run: (http: Http, id: string) =>
    queryOptions({
      queryKey: ['run', id, 'view'],
      queryFn: async ({ signal }): Promise<RunView> => (await http.call('GET', `/v1/runs/${enc(id)}`, answers.run, { signal })).run,
      // Events tell when to ask again; this is for a read model that was behind them when it was asked.
      refetchInterval: ({ state }) => (state.data === undefined || hasEnded(state.data.status) ? false : AGAIN_EVERY_MS),
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
      queryFn: async ({ signal }) =>
        (await http.call('GET', `/v1/runs/${enc(id)}/why`, answers.why, { query: { task: step }, signal })).explanations,
    }),
  approvals: (http: Http, status: string) =>
    infiniteQueryOptions({
      queryKey: ['approvals', status],
      queryFn: ({ pageParam, signal }) =>
        http.call('GET', '/v1/approvals', answers.approvals, { query: { status, pageSize: PAGE_SIZE, pageToken: pageParam }, signal }),
      initialPageParam: '',
      getNextPageParam: (last) => (last.nextPageToken === '' ? undefined : last.nextPageToken),
    }),
  approval: (http: Http, id: string) =>
    queryOptions({
      queryKey: ['approvals', 'one', id],
      queryFn: async ({ signal }) => (await http.call('GET', `/v1/approvals/${enc(id)}`, answers.approval, { signal })).approval,
    }),
  agents: (http: Http) =>
    queryOptions({
      queryKey: ['agents'],
      queryFn: ({ signal }) =>
        everyPage((pageToken) => http.call('GET', '/v1/agents', answers.agents, { query: { pageToken }, signal }), 'agents'),
    }),
  load: (http: Http) => queryOptions({ queryKey: ['load'], queryFn: ({ signal }) => tasksInHand(http, signal) }),
  workflows: (http: Http) =>
    queryOptions({
      queryKey: ['workflows', 'list'],
      queryFn: ({ signal }) =>
        everyPage((pageToken) => http.call('GET', '/v1/workflows', answers.workflows, { query: { pageToken }, signal }), 'workflows'),
    }),
  workflow: (http: Http, name: string, version: number) =>
    queryOptions({
      queryKey: ['workflows', name, version],
      queryFn: async ({ signal }) => {
        const query = version === 0 ? {} : { version };
        return (await http.call('GET', `/v1/workflows/${enc(name)}`, answers.workflow, { query, signal })).workflow;
      },
    }),
  versions: (http: Http, name: string) =>
    queryOptions({
      queryKey: ['workflows', name, 'versions'],
      queryFn: async ({ signal }) => (await http.call('GET', `/v1/workflows/${enc(name)}/versions`, answers.versions, { signal })).versions,
    }),
  schedules: (http: Http) =>
    queryOptions({
      queryKey: ['schedules'],
      queryFn: ({ signal }) =>
        everyPage((pageToken) => http.call('GET', '/v1/schedules', answers.schedules, { query: { pageToken }, signal }), 'schedules'),
    }),
  version: (http: Http) =>
    queryOptions({
      queryKey: ['version'],
      staleTime: Infinity,
      refetchInterval: false,
      queryFn: async ({ signal }) => (await http.call('GET', '/version', answers.version, { signal })).version,
    }),
};

async function allEvents(http: Http, id: string, signal: AbortSignal): Promise<readonly EventView[]> {
  const events: EventView[] = [];
  for (let from: number | null = 0; from !== null && events.length < MAX_EVENTS;) {
    const page: { readonly events: readonly EventView[]; readonly nextRevision: number | null } = await http.call(
      'GET',
      `/v1/runs/${enc(id)}/events`,
      answers.events,
      { query: { from, limit: EVENTS_PER_PAGE }, signal },
    );
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

export interface TasksInHand {
  readonly byAgent: Readonly<Record<string, number>>;
  /** Whether there are more running runs than were looked at. */
  readonly partial: boolean;
}

/** How many tasks each agent has now, counted over the newest running runs. */
async function tasksInHand(http: Http, signal: AbortSignal): Promise<TasksInHand> {
  const running = { status: 'running', children: true, pageSize: MAX_RUNS_FOR_LOAD };
  const { runs, nextPageToken } = await http.call('GET', '/v1/runs', answers.runs, { query: running, signal });
  const pages = await Promise.all(
    runs.map(({ id }) => http.call('GET', `/v1/runs/${enc(id)}/tasks`, answers.tasks, { query: { pageSize: 1_000 }, signal })),
  );
  const byAgent: Record<string, number> = {};
  for (const { agent, status } of pages.flatMap(({ tasks }) => tasks)) {
    if (status === 'assigned' && agent !== '') byAgent[agent] = (byAgent[agent] ?? 0) + 1;
  }
  return { byAgent, partial: nextPageToken !== '' };
}
