import { beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { EventStore } from '@tutti/event-store';
import { DEFAULT_TENANT } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { Ownership } from './ownership.js';
import { RunTail } from './run-tail.js';

let runtime: ManualRuntime;
let store: EventStore;
let heeded: unknown[];
let listeners: (() => void)[];
let letGo: number;

beforeEach(() => {
  runtime = createManualRuntime();
  store = createInMemoryEventStore(runtime);
  [heeded, listeners, letGo] = [[], [], 0];
});

function tail(ownership: Partial<Ownership>): RunTail {
  const full: Ownership = {
    alone: false,
    owns: (runId) => runId.startsWith('mine'),
    onChange: (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
    ...ownership,
  };
  const owner = { heed: (...heed: unknown[]) => void heeded.push(heed), letGo: () => void letGo++ };
  return new RunTail({ store, owner, ownership: full, runtime, logger: silentLogger });
}

async function append(runId: string, ...types: readonly string[]): Promise<void> {
  const context = {
    correlationId: runId,
    causationId: null,
    traceparent: null,
    actor: 'x',
    tenant: DEFAULT_TENANT,
    subject: null,
    keyId: null,
  };
  const events = types.map((type) => ({ id: runtime.ids.next(), type, schemaVersion: 1, data: {}, metadata: context }));
  await store.append(`run-${runId}`, events, 'any');
  await runtime.advance(1);
}

describe('the tail of the runs', () => {
  it('tells the owner how far its runs have come, and which of them have ended', async () => {
    const followed = tail({});
    await followed.start(() => undefined);
    await append('mine-1', 'RunStarted', 'TaskScheduled');
    await append('mine-1', 'RunSucceeded');
    await append('theirs-1', 'RunStarted');
    expect(heeded).toEqual([
      ['mine-1', 1, false],
      ['mine-1', 2, true],
    ]);
    await followed.stop();
  });

  it('tells nothing of what was there before', async () => {
    await append('mine-1', 'RunStarted');
    const followed = tail({});
    await followed.start(() => undefined);
    await runtime.advance(10);
    expect(heeded).toEqual([]);
    await followed.stop();
  });

  it('lets runs go before it takes up others when partitions move', async () => {
    const order: string[] = [];
    const followed = tail({});
    await followed.start(() => order.push(`taken up after ${letGo}`));
    listeners[0]?.();
    expect(order).toEqual(['taken up after 1']);
    await followed.stop();
  });

  it('hears of partitions that move while it finds out how far the store is', async () => {
    let gained = 0;
    const followed = tail({});
    const started = followed.start(() => gained++);
    listeners[0]?.();
    await started;
    expect([gained, letGo]).toEqual([1, 1]);
    await followed.stop();
  });

  it('follows nothing where nobody else appends', async () => {
    const followed = tail({ alone: true, owns: () => true });
    await followed.start(() => undefined);
    await append('mine-1', 'RunStarted');
    expect([heeded, listeners]).toEqual([[], []]);
    await followed.stop();
  });
});
