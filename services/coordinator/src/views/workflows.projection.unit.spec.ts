import { describe, expect, it } from '@jest/globals';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import { versionKey, workflowsProjection, type WorkflowDocument } from './workflows.projection.js';

type Doc = WorkflowDocument & JsonObject;

function registered(name: string, version: number, description = `v${version}`): RecordedEvent {
  return {
    ...{ id: `${name}-${version}`, type: 'WorkflowVersionRegistered', schemaVersion: 1, contentType: 'application/json' },
    ...{ stream: `workflow-${name}`, revision: version - 1, position: version, time: `t${version}`, previousHash: null },
    data: { name, version, description, hash: 'a'.repeat(64), definition: { name }, source: `name: ${name}`, registeredBy: 'user:a' },
    metadata: {
      ...{ correlationId: `workflow-${name}`, causationId: null, traceparent: null, actor: 'user:a', tenant: 'default' },
      ...{ subject: null, keyId: null },
    },
  };
}

function fold(...events: readonly RecordedEvent[]): ReadonlyMap<string, Doc> {
  const documents = new Map<string, Doc>();
  for (const event of events) {
    for (const key of workflowsProjection.keys(event)) {
      const document = workflowsProjection.evolve(documents.get(key) ?? null, event, key);
      if (document !== null) documents.set(key, document);
    }
  }
  return documents;
}

describe('the projection of workflows', () => {
  it('keeps a document for each version, of which only the last is the newest', () => {
    const documents = fold(registered('a', 1), registered('a', 2), registered('a', 3));
    expect([...documents.keys()]).toEqual(['a@1', 'a@2', 'a@3']);
    expect([...documents.values()].map(({ isNewest }) => isNewest)).toEqual([false, false, true]);
  });

  it('keeps workflows apart', () => {
    const documents = fold(registered('a', 1), registered('b', 1), registered('a', 2));
    expect([documents.get('b@1')?.isNewest, documents.get('a@1')?.isNewest, documents.get('a@2')?.isNewest]).toEqual([true, false, true]);
  });

  it('has what was registered, and when', () => {
    expect(fold(registered('a', 1, 'says hello')).get(versionKey('a', 1))).toEqual({
      ...{ name: 'a', version: 1, description: 'says hello', hash: 'a'.repeat(64), definition: { name: 'a' }, source: 'name: a' },
      ...{ registeredAt: 't1', isNewest: true },
    });
  });

  it('changes nothing when an event comes twice', () => {
    const once = fold(registered('a', 1), registered('a', 2));
    expect(fold(registered('a', 1), registered('a', 2), registered('a', 2))).toEqual(once);
  });

  it('makes no document of a version that it does not have', () => {
    expect([...fold(registered('a', 2)).keys()]).toEqual(['a@2']);
  });
});
