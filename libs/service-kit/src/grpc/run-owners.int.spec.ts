import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf, PARTITIONS, runIdOfKey, RunServiceService, WorkflowServiceService, type RunService } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { silentLogger } from '../logger.js';
import { createSystemRuntime } from '../system/system-runtime.js';
import type { RunOwnersTable } from './coordinator-links.js';
import { InternalServer } from './internal-server.js';
import type { RemoteProcessLimits } from './patient-calls.js';
import { RunOwners } from './run-owners.js';
import type { ServiceOf } from './unary-service.js';

const TOKEN = 'of-all';
const START = { workflow: 'wf', workflowVersion: 0, inputs: {}, labels: {}, idempotencyKey: '', actor: 'a', traceparent: '' };
const runtime = createSystemRuntime();
const wait = (ms: number): Promise<void> => new Promise((resolve) => void runtime.timers.after(ms, resolve));

/** The table as this process knows it, and as it would be if it looked. */
class Table implements RunOwnersTable {
  table: RunOwnersTable['table'] = { owners: new Array<null>(PARTITIONS).fill(null), addresses: new Map() };
  /** Null: looking finds nothing new. */
  newer: RunOwnersTable['table'] | null = null;
  refreshed = 0;
  private readonly listeners = new Set<() => void>();

  set(table: RunOwnersTable['table']): void {
    this.table = table;
    for (const listener of this.listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async refresh(): Promise<void> {
    this.refreshed += 1;
    await wait(1);
    const { newer } = this;
    this.newer = null;
    if (newer !== null) this.set(newer);
  }
}

type Answer = (method: string, request: { readonly runId?: string }) => Promise<unknown>;

interface Coordinator {
  readonly id: string;
  readonly address: string;
  readonly server: InternalServer;
  readonly calls: string[];
}

let table: Table;
let coordinators: Coordinator[];
let clients: RunOwners[];
beforeEach(() => {
  table = new Table();
  coordinators = [];
  clients = [];
});
afterEach(async () => {
  clients.forEach((client) => client.close());
  await Promise.all(coordinators.map(({ server }) => server.close()));
});

const ok: Answer = async (method, { runId }) => ({ runId: runId ?? method, position: 1, workflowVersion: 1, created: true, workflows: [] });
const never: Answer = () => new Promise<never>(() => undefined);

async function serve(id: string, answer: Answer = ok): Promise<Coordinator> {
  const verify = (token: string) => (token === TOKEN ? Promise.resolve() : Promise.reject(new TuttiError('UNAUTHENTICATED', 'no')));
  const server = new InternalServer({ tokens: { verify }, runtime, logger: silentLogger });
  const calls: string[] = [];
  const methods = Object.fromEntries(
    Object.keys({ ...RunServiceService, ...WorkflowServiceService }).map((method) => [
      method,
      (request: { readonly runId?: string }): Promise<unknown> => {
        calls.push(method);
        return answer(method, request);
      },
    ]),
  );
  server.add(RunServiceService, methods as unknown as RunService);
  server.add(WorkflowServiceService, methods as unknown as ServiceOf<typeof WorkflowServiceService>);
  const coordinator = { id, address: await server.listen(), server, calls };
  server.open();
  coordinators.push(coordinator);
  return coordinator;
}

/** All partitions at the first, but for those of the runs that are named. */
function owners(first: Coordinator | null, others: Readonly<Record<string, Coordinator | null>> = {}): RunOwnersTable['table'] {
  const all = new Array<string | null>(PARTITIONS).fill(first?.id ?? null);
  for (const [runId, owner] of Object.entries(others)) all[partitionOf(runId)] = owner?.id ?? null;
  const there = [first, ...Object.values(others)].filter((each) => each !== null);
  return { owners: all, addresses: new Map(there.map(({ id, address }) => [id, address])) };
}

function client(limits: Partial<RemoteProcessLimits> = {}, chance = 0): RunOwners {
  const made = new RunOwners({
    ...{ partitions: table, tokens: { issue: () => Promise.resolve(TOKEN) }, logger: silentLogger },
    runtime: { ...runtime, random: { next: () => chance } },
    limits: { waitMs: 5_000, maxWaiting: 100, callMs: 10_000, ...limits },
  });
  clients.push(made);
  return made;
}

const runs = (limits: Partial<RemoteProcessLimits> = {}) => client(limits).service(RunServiceService);
const change = (runId: string) => ({ runId, actor: 'a', reason: '' });
const get = { runId: 'r1', minPosition: 0 };
const notOwner = (runId: string) => new TuttiError('SHUTTING_DOWN', `not mine: ${runId}`, { details: { begun: false, runId } });

async function untilAllAreThere(of: RunOwners): Promise<void> {
  while (of.states().length === 0 || of.states().some(({ ready }) => ready !== true)) await wait(5);
}

describe('calls to several coordinators', () => {
  it('go to whoever answers for the run that they name, by its id, its approval or its key', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    table.set(owners(a, { r2: b, [runIdOfKey('k')]: b }));
    const service = runs();
    await service.pauseRun(change('r1'));
    await service.pauseRun(change('r2'));
    await service.pauseRun(change('r2~0f0f'));
    await service.decideApproval({ approvalId: 'r2.step.gate.1', approve: true, payloadHash: '', actor: 'a', reason: '' });
    await service.startRun({ ...START, idempotencyKey: 'k' });
    expect(a.calls).toEqual(['pauseRun']);
    expect(b.calls).toEqual(['pauseRun', 'pauseRun', 'decideApproval', 'startRun']);
  });

  it('that start runs go to each in turn, but to none that answers for no runs', async () => {
    const [a, b, c] = [await serve('a'), await serve('b'), await serve('c')];
    const half = owners(a, { r2: b });
    table.set({ ...half, addresses: new Map([...half.addresses, [c.id, c.address]]) });
    const all = client();
    await untilAllAreThere(all);
    const service = all.service(RunServiceService);
    for (let count = 0; count < 10; count++) await service.startRun(START);
    expect([a.calls.length, b.calls.length, c.calls.length]).toEqual([5, 5, 0]);
  });

  it('that name no run stay with one for as long as it is there; other gateways are with others', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    table.set(owners(a, { r2: b }));
    const [first, second] = [client({}, 0), client({}, 1 / 65_536)];
    await Promise.all([first, second].map(untilAllAreThere));
    for (const each of [first, second]) {
      for (let count = 0; count < 3; count++) await each.service(RunServiceService).getRun(get);
      await each.service(WorkflowServiceService).listWorkflows({ pageSize: 0, pageToken: '', minPosition: 0 });
    }
    expect([a.calls.length, b.calls.length]).toEqual([4, 4]);
    await a.server.close();
    while (first.states().some(({ id, ready }) => id === 'a' && ready === true)) await wait(5);
    await first.service(RunServiceService).getRun(get);
    expect(b.calls.length).toBe(5);
  });

  it('that were sent to an old owner find the new one, whatever they are, and change nothing twice', async () => {
    let moved: string[] = [];
    const b = await serve('b');
    const a = await serve('a', async (_, { runId }) => {
      moved = [...moved, runId ?? ''];
      throw notOwner(runId ?? '');
    });
    table.set(owners(a));
    table.newer = owners(b);
    const signal = { runId: 'r1', name: 'go', payload: null, signalId: '', actor: 'a', traceparent: '' };
    await runs().signalRun(signal);
    expect(moved).toEqual(['r1']);
    expect(b.calls).toEqual(['signalRun']);
  });

  it('start elsewhere when the coordinator whose turn it is has nothing to answer for any more', async () => {
    const b = await serve('b');
    const a = await serve('a', () => Promise.reject(notOwner('new')));
    table.set(owners(a, { r2: b }));
    const all = client();
    await untilAllAreThere(all);
    await all.service(RunServiceService).startRun(START);
    await all.service(RunServiceService).startRun(START);
    expect(b.calls.length).toBe(2);
  });

  it('wait for somebody to answer for the run, and look at the table meanwhile', async () => {
    const a = await serve('a');
    table.set(owners(a, { r2: null }));
    const answer = runs().cancelRun({ ...change('r2'), force: false });
    while (table.refreshed === 0) await wait(5);
    await wait(150);
    expect(a.calls).toEqual([]);
    table.newer = owners(a);
    await answer;
    expect(a.calls).toEqual(['cancelRun']);
  });

  it('for which nobody answers within the wait fail, retryable, naming the run; those for others do not wait', async () => {
    const a = await serve('a');
    table.set(owners(a, { r2: null }));
    const service = runs({ waitMs: 200 });
    await service.pauseRun(change('r1'));
    await expect(service.pauseRun(change('r2'))).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      retryable: true,
      message: 'the coordinator that answers for run r2 is not there just now',
    });
  });

  it('that each of two takes for the other’s end within the wait, and do not hammer the table', async () => {
    const a = await serve('a', () => Promise.reject(notOwner('r1')));
    table.set(owners(a));
    const service = runs({ waitMs: 500 });
    await expect(service.pauseRun(change('r1'))).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
    expect(a.calls.length).toBeGreaterThan(1);
    expect(a.calls.length).toBeLessThan(10);
    expect(table.refreshed).toBeLessThan(6);
  });

  it('go by this process’s table while two believe to answer for the run', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    table.set(owners(a));
    const service = runs();
    await service.pauseRun(change('r1'));
    table.set(owners(b));
    await service.pauseRun(change('r1'));
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
  });

  it('whose owner dies before it answers are sent to the next one if that does no harm', async () => {
    const [a, b] = [await serve('a', never), await serve('b')];
    table.set(owners(a));
    const service = runs();
    const repeatable = service.pauseRun(change('r1'));
    const once = service.signalRun({ runId: 'r1', name: 'go', payload: null, signalId: '', actor: 'a', traceparent: '' });
    once.catch(() => undefined);
    while (a.calls.length < 2) await wait(5);
    table.newer = owners(b);
    await a.server.close();
    await repeatable;
    await expect(once).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      retryable: false,
      message: expect.stringContaining('it may have been done'),
    });
    expect(b.calls).toEqual(['pauseRun']);
  });

  it('are answered by an owner that handed its partitions back while it worked on them', async () => {
    let finish = (): void => undefined;
    const [a, b] = [await serve('a', (...asked) => new Promise((resolve) => (finish = () => resolve(ok(...asked))))), await serve('b')];
    table.set(owners(a));
    const answer = runs().startRun(START);
    while (a.calls.length === 0) await wait(5);
    table.set(owners(b));
    await wait(20);
    finish();
    expect(await answer).toMatchObject({ created: true });
    expect(b.calls).toEqual([]);
  });

  it('go to a coordinator that comes back at another address', async () => {
    const first = await serve('a');
    table.set(owners(first));
    const service = runs();
    await service.pauseRun(change('r1'));
    await first.server.close();
    const again = await serve('a');
    table.newer = owners(again);
    await service.pauseRun(change('r1'));
    expect(again.calls).toEqual(['pauseRun']);
  });

  it('wait in so great a number and no greater', async () => {
    const a = await serve('a');
    table.set(owners(a, { r2: null }));
    const service = runs({ maxWaiting: 1, waitMs: 300 });
    const first = service.pauseRun(change('r2'));
    await expect(service.pauseRun(change('r2'))).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(first).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('end at once when this end closes', async () => {
    const own = client({ waitMs: 60_000 });
    const answer = own.service(RunServiceService).getRun(get);
    await wait(20);
    own.close();
    await expect(answer).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

describe('several coordinators', () => {
  it('are there while one of them is ready', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    const seen: boolean[] = [];
    const all = client();
    all.watch((present) => seen.push(present));
    table.set(owners(a, { r2: b }));
    await untilAllAreThere(all);
    await a.server.close();
    while (all.states().some(({ id, ready }) => id === 'a' && ready === true)) await wait(5);
    expect(seen.at(-1)).toBe(true);
    await b.server.close();
    while (seen.at(-1) !== false) await wait(5);
    expect(all.states().map(({ ready }) => ready)).toEqual([false, false]);
  });

  it('can be asked one by one, and say how many runs’ partitions are whose, and nobody’s', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    table.set(owners(a, { r2: b, r3: null }));
    const all = client();
    await all.serviceAt('b', RunServiceService).getRun(get);
    expect([a.calls.length, b.calls.length]).toEqual([0, 1]);
    expect(all.states().map(({ id, partitions }) => [id, partitions])).toEqual([
      ['a', PARTITIONS - 2],
      ['b', 1],
    ]);
    expect(all.unowned()).toBe(1);
    await expect(all.serviceAt('c', RunServiceService).getRun(get)).rejects.toMatchObject({
      message: 'coordinator c is not there just now',
    });
  });
});
