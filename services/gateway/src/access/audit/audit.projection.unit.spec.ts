import { describe, expect, it } from '@jest/globals';
import { EVENT_CATALOG } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import { auditProjection } from './audit.projection.js';
import { AUDITED_TYPES } from './audited-types.js';

function recorded(type: string, actor: string, data: JsonObject = {}): RecordedEvent {
  return {
    ...{ id: 'e1', type, schemaVersion: 1, data, contentType: 'application/json', stream: 'run-r1', revision: 3, position: 42 },
    ...{ time: '2026-01-01T00:00:00.000Z', previousHash: null },
    metadata: { correlationId: 'r1', causationId: null, traceparent: null, actor, tenant: 'default', subject: null, keyId: null },
  };
}

describe('the audit', () => {
  it('reads what people do and passes over what a run does by itself', () => {
    for (const type of ['RunStarted', 'RunCancelled', 'ApprovalDecided', 'SignalReceived', 'WorkflowVersionRegistered', 'ApiKeyCreated'])
      expect(AUDITED_TYPES).toContain(type);
    for (const type of ['TaskScheduled', 'TaskSucceeded', 'StepSucceeded', 'TaskStepSucceeded', 'PermitsReserved', 'ApiKeyUsed'])
      expect(AUDITED_TYPES).not.toContain(type);
    expect(AUDITED_TYPES.filter((type) => !Object.hasOwn(EVENT_CATALOG, type))).toEqual([]);
  });

  it.each(['user:ann', 'key:deploy', 'agent:writer', 'demo'])('has an entry for what %s did', (actor) => {
    const event = recorded('RunCancelled', actor, { cancelledBy: actor, reason: 'a mistake' });
    const [key = ''] = auditProjection.keys(event);
    expect(key).toBe('0000000000000042');
    expect(auditProjection.evolve(null, event, key)).toEqual({
      ...{ id: 'e1', position: 42, time: '2026-01-01T00:00:00.000Z', actor, type: 'RunCancelled', category: 'run' },
      ...{ stream: 'run-r1', revision: 3, correlationId: 'r1', details: { cancelledBy: actor, reason: 'a mistake' } },
    });
  });

  it('has none for what a service did, but for what it refused', () => {
    expect(auditProjection.keys(recorded('RunStarted', 'service:coordinator'))).toEqual([]);
    expect(auditProjection.keys(recorded('AccessRefused', 'service:gateway'))).toHaveLength(1);
  });

  it('says what a key was given', () => {
    const given = (grant: JsonObject) => auditProjection.evolve(null, recorded('ApiKeyCreated', 'user:ann', { grant }), 'k')?.details;
    expect(given({ role: 'operator', permissions: [] })).toEqual({ grant: 'operator' });
    expect(given({ role: null, permissions: ['runs:read', 'runs:start'] })).toEqual({ grant: 'runs:read runs:start' });
  });

  it('holds short values only: no inputs, no hashes, nothing long', () => {
    const event = recorded('RunStarted', 'user:ann', {
      workflow: 'greet',
      inputs: { secret: 1 },
      definitionHash: 'abc',
      text: 'x'.repeat(201),
      n: 1,
    });
    expect(auditProjection.evolve(null, event, 'k')?.details).toEqual({ workflow: 'greet', n: 1 });
  });
});
