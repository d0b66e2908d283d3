import { describe, expect, it } from '@jest/globals';
import { TuttiError, type Decider, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import type { EventStore } from './event-store.port.js';
import { handleCommand, type CommandHandling } from './handle-command.js';
import { createInMemoryEventStore } from './in-memory/in-memory-event-store.js';

interface Counted {
  readonly type: 'Counted';
  readonly data: { readonly by: number };
}

interface Count {
  readonly by: number;
  /** Not counted past it. */
  readonly upTo?: number;
}

const counter: Decider<Count, { total: number; evolved: number }, Counted> = {
  initialState: () => ({ total: 0, evolved: 0 }),
  decide({ by, upTo = Infinity }, { total }) {
    if (by < 0) throw new TuttiError('INVALID_REQUEST', `cannot count by ${by}`);
    return by === 0 || total + by > upTo ? [] : [{ type: 'Counted', data: { by } }];
  },
  evolve(state, { data }) {
    state.total += data.by;
    state.evolved += 1;
    return state;
  },
};

describe('handling a command', () => {
  const runtime = createManualRuntime();
  const metadata = {
    correlationId: 'c',
    causationId: null,
    traceparent: null,
    actor: 'demo',
    tenant: 'default',
    subject: null,
    keyId: null,
  };
  const encode = (event: Counted): NewEvent => ({
    id: runtime.ids.next(),
    type: event.type,
    schemaVersion: 1,
    data: { by: event.data.by },
    metadata,
  });
  const decode = (event: RecordedEvent): Counted => ({ type: 'Counted', data: { by: event.data['by'] as number } });
  type Handling = CommandHandling<Count, { total: number; evolved: number }, Counted>;
  const count = (store: EventStore, command: Count, more: Partial<Handling> = {}) =>
    handleCommand(store, { stream: 'counter-1', decider: counter, command, encode, decode, ...more });

  const snapshots: NonNullable<Handling['snapshots']> = {
    schemaVersion: 1,
    every: 10,
    encode: ({ total }) => ({ total }),
    decode: (state) => ({ total: (state as { total: number }).total, evolved: 0 }),
  };

  /** Lets `change` run just before the next appends, as another writer would. */
  function interrupted(store: EventStore, times: number, change: () => Promise<unknown>): EventStore {
    let left = times;
    return {
      ...forwarding(store),
      append: async (...args) => {
        if (left-- > 0) await change();
        return store.append(...args);
      },
    };
  }

  function forwarding(store: EventStore): EventStore {
    return {
      append: (...args) => store.append(...args),
      readStream: (...args) => store.readStream(...args),
      readAll: (...args) => store.readAll(...args),
      subscribe: (options) => store.subscribe(options),
      head: () => store.head(),
      loadSnapshot: (stream) => store.loadSnapshot(stream),
      saveSnapshot: (...args) => store.saveSnapshot(...args),
    };
  }

  it('appends what is decided on the state so far and answers the state after it', async () => {
    const store = createInMemoryEventStore(runtime);
    await count(store, { by: 2 });
    const outcome = await count(store, { by: 3 });
    expect(outcome).toMatchObject({ state: { total: 5 }, events: [{ type: 'Counted', data: { by: 3 } }], position: 1 });
    expect(await store.head()).toBe(1);
  });

  it('appends nothing for a repeat and answers the position of what stands', async () => {
    const store = createInMemoryEventStore(runtime);
    await count(store, { by: 2 });
    expect(await count(store, { by: 0 })).toMatchObject({ state: { total: 2 }, events: [], position: 0 });
    expect(await count(store, { by: 0 }, { stream: 'counter-2' })).toMatchObject({ events: [], position: -1 });
  });

  it('decides anew on the new state when somebody else was faster', async () => {
    const store = createInMemoryEventStore(runtime);
    await count(store, { by: 1 });
    const contended = interrupted(store, 2, () => count(store, { by: 10 }));
    expect(await count(contended, { by: 1 })).toMatchObject({ state: { total: 22 }, position: 3 });
    const last = interrupted(store, 1, () => count(store, { by: 10 }));
    expect(await count(last, { by: 5, upTo: 30 })).toMatchObject({ state: { total: 32 }, events: [] });
  });

  it('gives up with a conflict after the attempts it is given', async () => {
    const store = createInMemoryEventStore(runtime);
    let tries = 0;
    const contended = interrupted(store, Infinity, () => (tries++, count(store, { by: 1 })));
    await expect(count(contended, { by: 1 }, { attempts: 3 })).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
      message: expect.stringContaining('3 attempts'),
    });
    expect(tries).toBe(3);
  });

  it('refuses at once when the stream is not where the caller expects it, but not a repeat', async () => {
    const store = createInMemoryEventStore(runtime);
    await count(store, { by: 1 }, { expected: 'no-stream' });
    await expect(count(store, { by: 1 }, { expected: 'no-stream' })).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
      details: { actual: 0 },
    });
    expect(await count(store, { by: 0 }, { expected: 'no-stream' })).toMatchObject({ events: [] });
    const contended = interrupted(store, 1, () => count(store, { by: 1 }));
    await expect(count(contended, { by: 1 }, { expected: 0 })).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    expect(await store.head()).toBe(1);
  });

  it('throws what the decision refuses with, and appends nothing', async () => {
    const store = createInMemoryEventStore(runtime);
    await expect(count(store, { by: -1 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await store.head()).toBe(-1);
  });

  it('starts from the snapshot and saves one whenever the stream has grown by so many events', async () => {
    const store = createInMemoryEventStore(runtime);
    for (let index = 0; index < 12; index++) await count(store, { by: 1 }, { snapshots });
    expect(await store.loadSnapshot('counter-1')).toEqual({ revision: 9, schemaVersion: 1, state: { total: 10 } });
    expect(await count(store, { by: 1 }, { snapshots })).toMatchObject({ state: { total: 13, evolved: 3 } });
    expect(await count(store, { by: 0 }, { snapshots })).toMatchObject({ position: 12 });
  });

  it.each([
    ['of another version', { revision: 1, schemaVersion: 2, state: { total: 999 } }],
    ['that is ahead of the stream', { revision: 7, schemaVersion: 1, state: { total: 999 } }],
  ])('ignores a snapshot %s', async (_what, snapshot) => {
    const store = createInMemoryEventStore(runtime);
    await count(store, { by: 1 });
    await count(store, { by: 1 });
    await store.saveSnapshot('counter-1', snapshot);
    expect(await count(store, { by: 1 }, { snapshots })).toMatchObject({ state: { total: 3 } });
  });

  it('is done even when the snapshot cannot be saved', async () => {
    const store = createInMemoryEventStore(runtime);
    const failing = { ...forwarding(store), saveSnapshot: () => Promise.reject(new Error('no room')) };
    for (let index = 0; index < 10; index++) await count(failing, { by: 1 }, { snapshots });
    expect(await count(failing, { by: 1 }, { snapshots })).toMatchObject({ state: { total: 11 } });
  });
});
