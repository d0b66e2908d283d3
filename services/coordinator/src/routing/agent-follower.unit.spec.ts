import { beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore, type InMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { AgentFollower } from './agent-follower.js';

const METADATA = { correlationId: 'c', causationId: null, traceparent: null, actor: 'demo', tenant: 'default', subject: null, keyId: null };

describe('agents that the log says get no tasks', () => {
  let runtime: ManualRuntime;
  let store: InMemoryEventStore;
  let heeded: string[];
  beforeEach(() => {
    runtime = createManualRuntime();
    store = createInMemoryEventStore(runtime);
    heeded = [];
  });

  const follower = (source: Pick<InMemoryEventStore, 'head' | 'subscribe'> = store): AgentFollower =>
    new AgentFollower({
      store: source,
      router: {
        retire: (agent, why) => heeded.push(`${agent} ${why ?? 'deregistered'}`),
        reinstate: (agent) => heeded.push(`${agent} back`),
      },
      runtime,
      logger: silentLogger,
    });
  const record = async (type: string, name: string): Promise<void> => {
    const event = { id: runtime.ids.next(), type, schemaVersion: 1, data: { name, reason: '' }, metadata: METADATA };
    await store.append(`agent-${name}`, [event], 'any');
  };
  const started = async (following: AgentFollower): Promise<void> => {
    let isStarted = false;
    const start = following.start().then(() => (isStarted = true));
    for (let turns = 0; !isStarted && turns < 10_000; turns += 100) await runtime.advance(100);
    await start;
  };

  it('are known when it has started, and heeded as they change', async () => {
    await record('AgentPaused', 'ann');
    await record('AgentDeregistered', 'bob');
    const following = follower();
    await started(following);
    expect(heeded).toEqual(['ann paused', 'bob deregistered']);
    await record('AgentResumed', 'ann');
    await runtime.advance(1);
    expect(heeded.at(-1)).toBe('ann back');
    await following.close();
  });

  it('need not be waited for in an empty store', async () => {
    const following = follower();
    await started(following);
    await following.close();
  });

  it('are followed again behind what was heeded when the store was not to be had', async () => {
    await record('AgentPaused', 'ann');
    let failures = 2;
    const following = follower({
      head: () => store.head(),
      subscribe: (options) => {
        const inner = store.subscribe(options);
        if (failures-- <= 0) return inner;
        void inner.close();
        return { ended: Promise.reject(new TuttiError('STORE_UNAVAILABLE', 'away')), close: () => inner.close() };
      },
    });
    await started(following);
    expect(heeded).toEqual(['ann paused']);
    await following.close();
  });

  it('are waited for no longer once it is closed', async () => {
    await record('AgentPaused', 'ann');
    const following = follower({
      head: () => store.head(),
      subscribe: () => ({ ended: new Promise<void>(() => undefined), close: () => Promise.resolve() }),
    });
    const start = following.start();
    start.catch(() => undefined);
    await runtime.advance(1);
    await following.close();
    await expect(start).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(runtime.pending()).toBe(0);
  });
});
