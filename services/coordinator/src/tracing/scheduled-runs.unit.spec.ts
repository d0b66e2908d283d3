import { describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { parseTraceparent } from '@tutti/service-kit';
import { recordTracing } from '@tutti/service-kit/testing';
import type { TriggeredRuns, TriggeredStart } from '../triggers/triggered-runs.js';
import { traceScheduledRuns } from './scheduled-runs.js';

const MADE_IN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the runs of schedules', () => {
  const setUp = async () => {
    const { tracer, spans } = recordTracing();
    const store = createInMemoryEventStore(createManualRuntime());
    const metadata = eventMetadata({ correlationId: 'c', actor: 'user:ann', traceparent: MADE_IN });
    await store.append('schedule-nightly', [{ id: 'e1', type: 'ScheduleCreated', schemaVersion: 1, data: {}, metadata }], 'no-stream');
    const started: TriggeredStart[] = [];
    const runs: TriggeredRuns = {
      start: async (start) => {
        started.push(start);
        return 'r1';
      },
      isOpen: () => Promise.resolve(true),
      cancel: () => Promise.resolve(),
    };
    return { traced: traceScheduledRuns(runs, tracer, store), started, spans };
  };
  const start = (...key: string[]): TriggeredStart => ({ workflow: 'report', inputs: {}, labels: {}, key });

  it('begin a trace of their own in their time, with a link to the one in which the schedule was made', async () => {
    const { traced, started, spans } = await setUp();
    expect(await traced.start(start('schedule', 'nightly', '0', 'time', '2026-01-01T00:00:00.000Z'))).toBe('r1');
    const [fired] = spans();
    expect(fired).toMatchObject({ name: 'fire report', parentId: null, links: [{ spanId: 'b7ad6b7169203331' }] });
    expect(parseTraceparent(started[0]?.traceparent)).toMatchObject({ traceId: fired?.traceId, spanId: fired?.spanId });
    expect(await traced.isOpen('r1')).toBe(true);
  });

  it('are part of whoever’s trace it is when they are started by hand, and of the event’s when an event starts them', async () => {
    const { traced, started, spans } = await setUp();
    await traced.start(start('schedule', 'nightly', '0', 'manual', 'key'));
    await traced.start({ ...start('event', 'trigger', 'shop', 'e1'), traceparent: MADE_IN });
    expect(started.map(({ traceparent }) => traceparent)).toEqual([undefined, MADE_IN]);
    expect(spans()).toEqual([]);
  });
});
