import { upcast, type RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { TuttiError } from '@tutti/kernel';
import { RunTrace } from '../tracing/run-trace.js';
import type { RunPlans } from '../workflow/run-plans.js';
import { goBy, newHotRun, type HotRun } from './hot-run.js';

export function runStream(runId: string): string {
  return `run-${runId}`;
}

/** The run as the store has it. @throws TuttiError RUN_NOT_FOUND */
export async function loadRun(store: EventStore, plans: RunPlans, runId: string, isTraced = false): Promise<HotRun> {
  let hot: HotRun | null = null;
  for await (const recorded of store.readStream(runStream(runId))) {
    const event = upcast(recorded) as unknown as RunEvent;
    if (hot === null) {
      if (event.type !== 'RunStarted')
        throw new TuttiError('DATA_DAMAGED', `stream ${runStream(runId)} begins with ${event.type}, expected RunStarted`);
      hot = newHotRun(runId, await plans.of(event.data));
      if (isTraced) hot.trace = new RunTrace();
    }
    hot.state = hot.decider.evolve(hot.state, event);
    hot.trace?.recorded(event, recorded.metadata.traceparent, Date.parse(recorded.time));
    if (event.type === 'RunMigrated') goBy(hot, await plans.catalog.recorded(hot.plan.name, event.data.toVersion));
    hot.revision = recorded.revision;
    hot.position = recorded.position;
  }
  if (hot === null) throw new TuttiError('RUN_NOT_FOUND', `there is no run "${runId}"`);
  return hot;
}
