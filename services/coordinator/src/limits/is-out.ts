import { upcast, type RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { runStream } from '../owner/run-loader.js';
import { attemptName } from './attempt-name.js';

/** Whether a worker has the attempt, as the log says, whoever answers for the run. @throws TuttiError what the store says */
export async function isOut(store: EventStore, runId: string, attempt: string): Promise<boolean> {
  let out = false;
  for await (const recorded of store.readStream(runStream(runId))) {
    const event = upcast(recorded) as unknown as RunEvent;
    switch (event.type) {
      case 'TaskScheduled':
      case 'TaskAssigned':
        if (attemptName(event.data.task, event.data.attempt) === attempt) out = event.data.assignment !== null;
        break;
      case 'TaskSucceeded':
      case 'TaskAttemptFailed':
      case 'TaskCancelled':
        if (attemptName(event.data.task, event.data.attempt) === attempt) out = false;
        break;
      default:
    }
  }
  return out;
}
