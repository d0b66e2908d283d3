import { upcast, type WorkflowVersionRegistered } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface WorkflowDocument {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly hash: string;
  readonly definition: JsonObject;
  readonly source: string;
  readonly registeredAt: string;
  isNewest: boolean;
}

/** One document for each version, keyed by {@link versionKey}. */
export const workflowsProjection: Projection<WorkflowDocument & JsonObject> = {
  name: 'workflow_versions',
  version: 1,
  indexes: [
    ['isNewest', 'name'],
    ['name', 'isNewest'],
  ],
  handles: { categories: ['workflow'], types: ['WorkflowVersionRegistered'] },
  keys: (recorded) => {
    const { name, version } = dataOf(recorded);
    return version === 1 ? [versionKey(name, 1)] : [versionKey(name, version), versionKey(name, version - 1)];
  },
  evolve: (document, recorded, key) => {
    const { name, version, description, hash, definition, source } = dataOf(recorded);
    if (key !== versionKey(name, version)) return document === null ? null : Object.assign(document, { isNewest: false });
    return { name, version, description, hash, definition, source, registeredAt: recorded.time, isNewest: true };
  },
};

export function versionKey(name: string, version: number): string {
  return `${name}@${version}`;
}

function dataOf(recorded: RecordedEvent): WorkflowVersionRegistered {
  return upcast(recorded).data as unknown as WorkflowVersionRegistered;
}
