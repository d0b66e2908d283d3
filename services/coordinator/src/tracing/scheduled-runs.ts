import type { EventStore } from '@tutti/event-store';
import type { Tracer } from '@tutti/service-kit';
import { scheduleStream } from '../schedules/schedule-ledger.js';
import type { TriggeredRuns } from '../triggers/triggered-runs.js';

/** The same, where each run that a schedule starts in its time begins a trace of its own, with a link to the one in which the schedule was made. */
export function traceScheduledRuns(runs: TriggeredRuns, tracer: Tracer, store: Pick<EventStore, 'readStream'>): TriggeredRuns {
  const madeIn = async (name: string): Promise<string | null> => {
    for await (const { metadata } of store.readStream(scheduleStream(name), { limit: 1 })) return metadata.traceparent;
    return null;
  };
  return {
    async start(start) {
      const [origin, name = '', , kind] = start.key;
      // What is started by hand is part of the call that asks for it, and what an event starts of the event's.
      if (origin !== 'schedule' || kind === 'manual') return runs.start(start);
      const attributes = { 'tutti.schedule': name, 'tutti.workflow': start.workflow };
      const options = { name: `fire ${start.workflow}`, parent: null, links: [await madeIn(name)], attributes };
      return tracer.inSpan(options, ({ traceparent }) => runs.start({ ...start, traceparent }));
    },
    isOpen: (runId) => runs.isOpen(runId),
    cancel: (runId, reason) => runs.cancel(runId, reason),
  };
}
