import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LimitEvent, TaskLimit, TaskPermit } from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { EventStore } from '@tutti/event-store';
import { eventMetadata, TuttiError, type JsonObject } from '@tutti/kernel';
import { createManualRuntime, seededRandom, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { limitStream } from './limit-ledger.js';
import { Permits } from './permits.js';

const LEASE_MS = 20_000;
const RUN = 'r';
const concurrency = (limit: number, key = 'mail'): TaskLimit => ({
  kind: 'concurrency',
  scope: `concurrency.key:${key}`,
  limit,
  perMs: null,
});
const rate = (limit: number, perMs: number): TaskLimit => ({ kind: 'rate', scope: `rate.${perMs}.key:mail`, limit, perMs });

/** A coordinator as far as limits are concerned: tasks that wait in line, and those that have a permit. */
class Owner {
  readonly permits: Permits;
  readonly running: { readonly name: string; readonly permits: readonly TaskPermit[] }[] = [];
  private readonly waiting: string[] = [];
  private names = 0;

  constructor(
    store: EventStore,
    runtime: ManualRuntime,
    private readonly limit: TaskLimit,
    private readonly id: string,
  ) {
    this.permits = new Permits({ store, runtime, logger: silentLogger, options: { leaseMs: LEASE_MS, batchShare: 0.1 } });
    this.permits.onFree = () => this.go();
  }

  want(count = 1): void {
    for (let each = 0; each < count; each++) {
      this.waiting.push(`${this.id}.${++this.names}`);
      this.permits.demand([this.limit], 1);
    }
    this.go();
  }

  end(count = 1): void {
    for (const { name } of this.running.splice(0, count)) this.permits.free(RUN, `${name}#1`);
  }

  /** As it would be loaded from the runs of another. */
  takeOver(running: Owner['running']): void {
    const tasks = running.map(({ name, permits }) => ({ id: name, attempt: 1, status: 'assigned', limits: [this.limit], permits }));
    this.permits.reconcile(RUN, tasks);
    this.running.push(...running);
  }

  private go(): void {
    while (this.waiting.length > 0) {
      const permits = this.permits.take([this.limit]);
      if (permits === null) return;
      const name = this.waiting.shift() ?? '';
      this.permits.demand([this.limit], -1);
      this.permits.hold(RUN, `${name}#1`, permits);
      this.running.push({ name, permits });
    }
  }
}

describe('the permits of owners', () => {
  let runtime: ManualRuntime;
  let store: EventStore;
  /** Nothing can be written. */
  let full: boolean;
  let owners: Owner[];
  const owner = (limit: TaskLimit, id: string): Owner => {
    const made = new Owner(store, runtime, limit, id);
    owners.push(made);
    return made;
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1_000) {
      await runtime.advance(Math.min(left, 1_000));
      await settle();
    }
  };
  const record = async (type: string, data: JsonObject): Promise<void> => {
    const metadata = eventMetadata({ correlationId: RUN, actor: 'user:test' });
    await store.append(`run-${RUN}`, [{ id: runtime.ids.next(), type, schemaVersion: 1, data, metadata }], 'any');
  };
  const types = async ({ scope }: TaskLimit): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { type } of store.readStream(limitStream(scope))) found.push(type);
    return found;
  };

  beforeEach(() => {
    runtime = createManualRuntime();
    const inner = createInMemoryEventStore(runtime);
    full = false;
    const append: EventStore['append'] = (...appended) =>
      full ? Promise.reject(new TuttiError('DISK_FULL', 'no room')) : inner.append(...appended);
    store = Object.assign(Object.create(inner) as EventStore, { append });
    owners = [];
  });
  afterEach(async () => {
    await Promise.all(owners.map(({ permits }) => permits.abandon()));
  });

  it('give out what the limit allows, and one more for each that comes back', async () => {
    const a = owner(concurrency(2), 'a');
    a.want(4);
    await settle();
    expect(a.running.map(({ name }) => name)).toEqual(['a.1', 'a.2']);
    a.end();
    expect(a.running.map(({ name }) => name)).toEqual(['a.2', 'a.3']);
    expect(await types(concurrency(2))).toEqual(['PermitsReserved']);
  });

  it('are leased in batches, so that many tasks share an append', async () => {
    const a = owner(concurrency(100), 'a');
    for (let task = 0; task < 30; task++) {
      a.want();
      await settle();
    }
    expect(a.running).toHaveLength(30);
    expect(await types(concurrency(100))).toEqual(['PermitsReserved', 'PermitsReserved', 'PermitsReserved']);
  });

  it('are never more than the limit over two owners, and pass to whoever waits', async () => {
    const [a, b] = [owner(concurrency(3), 'a'), owner(concurrency(3), 'b')];
    a.want(10);
    await settle();
    b.want(2);
    await settle();
    expect([a.running.length, b.running.length]).toEqual([3, 0]);
    a.end();
    await pass(2_000);
    expect([a.running.length, b.running.length]).toEqual([2, 1]);
    a.end();
    await pass(2_000);
    expect(a.running.length + b.running.length).toBe(3);
  });

  it('come back when they lay idle', async () => {
    const [a, b] = [owner(concurrency(2), 'a'), owner(concurrency(2), 'b')];
    a.want(2);
    await settle();
    a.end(2);
    b.want(2);
    await pass(2_000);
    expect(b.running).toHaveLength(2);
  });

  it('of an owner that died come back when its lease is over, and not before', async () => {
    const [a, b] = [owner(concurrency(2), 'a'), owner(concurrency(2), 'b')];
    a.want(2);
    await settle();
    await a.permits.abandon();
    b.want(1);
    await pass(LEASE_MS - 1_000);
    expect(b.running).toHaveLength(0);
    await pass(2_000);
    expect(b.running).toHaveLength(1);
    expect(await types(concurrency(2))).toContain('PermitsExpired');
  });

  it('of a living owner are kept, however long its tasks take', async () => {
    const [a, b] = [owner(concurrency(1), 'a'), owner(concurrency(1), 'b')];
    a.want(1);
    await settle();
    b.want(1);
    await pass(5 * LEASE_MS);
    expect([a.running.length, b.running.length]).toEqual([1, 0]);
  });

  it('are not given by an owner whose lease may be over, though it was only stopped', async () => {
    const a = owner(concurrency(2), 'a');
    a.want(1);
    await settle();
    const renewed = runtime.clock.monotonic();
    const stopped = { ...runtime.clock, monotonic: () => renewed + LEASE_MS };
    Object.assign(runtime.clock, stopped);
    expect(a.permits.take([concurrency(2)])).toBeNull();
  });

  it('of tasks that another owner took over are counted there at once, and given on when they end', async () => {
    const a = owner(concurrency(2), 'a');
    a.want(2);
    await settle();
    await a.permits.abandon();
    const b = owner(concurrency(2), 'b');
    b.want(1);
    b.takeOver(a.running);
    await pass(1_000);
    expect(b.running).toHaveLength(2);
    b.end();
    await settle();
    expect(b.running.map(({ name }) => name)).toEqual(['a.2', 'b.1']);
    expect(await types(concurrency(2))).toContain('PermitsAdopted');
  });

  it('of a run that was let go stay out until its new owner has them', async () => {
    const [a, b] = [owner(concurrency(1), 'a'), owner(concurrency(1), 'b')];
    a.want(2);
    await settle();
    a.permits.letGo(RUN);
    const gone = a.running.splice(0);
    await pass(1_000);
    expect(a.running).toHaveLength(0);
    b.takeOver(gone);
    await pass(2_000);
    expect([a.running.length, b.running.length]).toEqual([0, 1]);
    b.end();
    await pass(2 * LEASE_MS);
    expect(a.running).toHaveLength(1);
  });

  it('of a run that was let go stay out as long as the log has its attempt with a worker, though nobody takes them over', async () => {
    const a = owner(concurrency(1), 'a');
    a.want(2);
    await settle();
    const [gone] = a.running;
    await record('TaskAssigned', { task: gone?.name ?? '', attempt: 1, assignment: {} });
    a.permits.letGo(RUN);
    a.running.length = 0;
    await pass(5 * LEASE_MS);
    expect(a.running).toHaveLength(0);
    await record('TaskSucceeded', { task: gone?.name ?? '', attempt: 1 });
    await pass(2 * LEASE_MS);
    expect(a.running.map(({ name }) => name)).toEqual(['a.2']);
  });

  it('of a run that was let go before they were had are left to its new owner', async () => {
    const [a, b, c] = [owner(concurrency(1), 'a'), owner(concurrency(1), 'b'), owner(concurrency(1), 'c')];
    a.want(1);
    await settle();
    await a.permits.abandon();
    full = true;
    b.takeOver(a.running);
    await pass(1_000);
    b.permits.letGo(RUN);
    full = false;
    c.takeOver(a.running);
    b.running.length = 0;
    await pass(5_000);
    const adopted: unknown[] = [];
    for await (const { type, data } of store.readStream(limitStream(concurrency(1).scope)))
      if (type === 'PermitsAdopted') adopted.push(data);
    expect(adopted).toHaveLength(1);
    b.want(1);
    await pass(3 * LEASE_MS);
    expect([b.running.length, c.running.length]).toEqual([0, 1]);
  });

  it('of tasks that were taken over are asked for until they are had, though others lie idle', async () => {
    const [a, b] = [owner(concurrency(20), 'a'), owner(concurrency(20), 'b')];
    a.want(1);
    b.want(2);
    await settle();
    b.end(1);
    full = true;
    await a.permits.abandon();
    b.takeOver(a.running);
    await pass(LEASE_MS / 4);
    full = false;
    await pass(LEASE_MS / 4);
    expect(await types(concurrency(20))).toContain('PermitsAdopted');
  });

  it('of a rate are as many as the limit in each window, over two owners and a crash', async () => {
    const limit = rate(5, 60_000);
    const [a, b] = [owner(limit, 'a'), owner(limit, 'b')];
    a.want(3);
    await settle();
    a.end(3);
    await a.permits.abandon();
    b.want(10);
    await pass(2_000);
    expect([a.running.length + 3, b.running.length]).toEqual([3, 2]);
    await pass(60_000);
    expect(b.running).toHaveLength(7);
  });

  it('are handed back when the owner closes', async () => {
    const a = owner(concurrency(10), 'a');
    a.want(5);
    await settle();
    a.end(4);
    await a.permits.close();
    const events: LimitEvent[] = [];
    for await (const event of store.readStream(limitStream(concurrency(10).scope))) events.push(event as unknown as LimitEvent);
    expect(events.at(-1)).toMatchObject({ type: 'PermitsSettled', data: { count: 1 } });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are never more than the limit, whatever happens: %i', async (seed) => {
    const random = seededRandom(seed);
    const limit = concurrency(1 + Math.floor(random.next() * 4));
    const alive = [owner(limit, 'a'), owner(limit, 'b'), owner(limit, 'c')];
    let began = 0;
    for (let turn = 0; turn < 80; turn++) {
      const at = Math.floor(random.next() * alive.length);
      const one = alive[at] as Owner;
      const chance = random.next();
      if (chance < 0.4) one.want(1 + Math.floor(random.next() * 3));
      else if (chance < 0.8) one.end();
      else if (chance < 0.85) {
        await one.permits.abandon();
        const next = owner(limit, `d${turn}`);
        next.takeOver(one.running);
        alive[at] = next;
      } else await pass(Math.floor(random.next() * 2 * LEASE_MS));
      if (random.next() < 0.5) await settle();
      const running = alive.reduce((sum, each) => sum + each.running.length, 0);
      began += running;
      expect(running).toBeLessThanOrEqual(limit.limit);
    }
    expect(began).toBeGreaterThan(20);
  });
});
