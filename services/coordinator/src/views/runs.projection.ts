import { upcast, type Failure, type RunEvent, type StoredValue } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import type { RunParent } from '../run/run.state.js';
import { evolveSteps, type StepDocuments } from './run-steps.js';

interface PauseDocument {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface RunDocument {
  readonly runId: string;
  /** When it started; null for a child run, which lists of runs leave out. */
  readonly listedAt: string | null;
  readonly parent: RunParent | null;
  /** Group of the definition, and the document of a dynamic plan, that it runs; null for a whole registered workflow. */
  readonly block: string | null;
  readonly definition: StoredValue | null;
  readonly definitionHash: string;
  readonly workflow: string;
  workflowVersion: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly startedBy: string;
  readonly startedAt: string;
  status: 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
  /** Who holds it, while it is paused. */
  pause: PauseDocument | null;
  endedAt: string | null;
  error: (Failure & { readonly step: string }) | null;
  outputs: StoredValue | null;
  readonly steps: StepDocuments;
}

/** A run and its steps, as the API shows them. Tasks of a fan-out are only counted here. */
export const runsProjection: Projection<RunDocument & JsonObject> = {
  name: 'runs',
  version: 5,
  indexes: [['listedAt'], ['workflow', 'listedAt'], ['status', 'listedAt'], ['workflow', 'status', 'listedAt']],
  handles: { categories: ['run'] },
  keys: (event) => [event.metadata.correlationId],
  evolve: (document, recorded) => evolve(document, recorded) as (RunDocument & JsonObject) | null,
};

function evolve(document: RunDocument | null, recorded: RecordedEvent): RunDocument | null {
  const event = upcast(recorded) as unknown as RunEvent;
  if (event.type === 'RunStarted') {
    const { runId, workflow, workflowVersion, labels, startedBy, definitionHash } = event.data;
    const { parent = null, block = null, definition = null } = event.data;
    return {
      ...{ listedAt: parent === null ? recorded.time : null, parent, block, definition, definitionHash },
      ...{ runId, workflow, workflowVersion, labels, startedBy, startedAt: recorded.time },
      ...{ status: 'running', pause: null, endedAt: null, error: null, outputs: null, steps: {} },
    };
  }
  if (document === null) return null;
  if (event.type === 'RunPaused') {
    const { pausedBy: by, reason } = event.data;
    return Object.assign(document, { status: 'paused', pause: { by, reason, at: recorded.time } });
  }
  if (event.type === 'RunResumed') return Object.assign(document, { status: 'running', pause: null });
  if (event.type === 'RunMigrated') return migrated(document, event.data);
  if (event.type === 'RunSucceeded')
    return Object.assign(document, { status: 'succeeded', endedAt: recorded.time, outputs: event.data.outputs });
  if (event.type === 'RunFailed')
    return Object.assign(document, {
      status: 'failed',
      endedAt: recorded.time,
      error: { ...event.data.error, step: event.data.step ?? '' },
    });
  if (event.type === 'RunCancelled') return cancelled(document, recorded.time);
  if (event.type === 'RunRepaired') Object.assign(document, goesOn(document));
  evolveSteps(document, event, recorded.time);
  return document;
}

/** It had ended, and somebody put it right. */
function goesOn({ status, pause }: RunDocument): Partial<RunDocument> {
  const isOpen = status === 'running' || status === 'paused';
  return { status: isOpen ? status : 'running', pause, endedAt: null, error: null, outputs: null };
}

function migrated(
  document: RunDocument,
  { toVersion, mapping = {}, dropped }: Extract<RunEvent, { type: 'RunMigrated' }>['data'],
): RunDocument {
  document.workflowVersion = toVersion;
  const entries = Object.entries(document.steps).filter(([id]) => !dropped.includes(id));
  const steps = Object.fromEntries(entries.map(([id, step]) => [Object.hasOwn(mapping, id) ? (mapping[id] ?? id) : id, step]));
  return Object.assign(document, { steps });
}

function cancelled(document: RunDocument, time: string): RunDocument {
  for (const step of Object.values(document.steps)) {
    if (step.endedAt === null) Object.assign(step, { status: 'cancelled', endedAt: time });
  }
  return Object.assign(document, { status: 'cancelled', pause: null, endedAt: time });
}
