import { upcast, type RunEvent } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

/** One label of one run. */
export interface RunLabelDocument {
  readonly runId: string;
  /** `key=value`. */
  readonly label: string;
  readonly startedAt: string;
}

/** Runs by their labels, newest first: an index holds one value of a document, and a run has many labels. */
export const runLabelsProjection: Projection<RunLabelDocument & JsonObject> = {
  name: 'run_labels',
  version: 1,
  indexes: [['label', 'startedAt']],
  handles: { categories: ['run'], types: ['RunStarted'] },
  keys: (event) => {
    const started = upcast(event) as unknown as RunEvent;
    if (started.type !== 'RunStarted') return [];
    const { runId, labels } = started.data;
    return Object.entries(labels).map(([name, value]) => `${runId}/${labelText(name, value)}`);
  },
  evolve: (_, event, key) => {
    const slash = key.indexOf('/');
    return { runId: key.slice(0, slash), label: key.slice(slash + 1), startedAt: event.time };
  },
};

export function labelText(name: string, value: string): string {
  return `${name}=${value}`;
}
