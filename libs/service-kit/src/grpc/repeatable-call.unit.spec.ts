import { describe, expect, it } from '@jest/globals';
import { COORDINATOR_CONTRACTS, REGISTRY_CONTRACTS } from './contracts.js';
import { isRepeatable } from './repeatable-call.js';

const methods = [...COORDINATOR_CONTRACTS, ...REGISTRY_CONTRACTS].flatMap(({ definition }) => Object.keys(definition));

describe('a call whose answer was lost', () => {
  it('is never sent again where nobody said that this does no harm, and where the caller gave no key', () => {
    expect(methods.filter((method) => !isRepeatable(method, {})).sort()).toEqual([
      'backfillSchedule',
      'publishEvent',
      'repairRun',
      'signalRun',
      'startRun',
      'testChannel',
      'triggerSchedule',
    ]);
  });

  it.each([
    ['startRun', { idempotencyKey: 'k' }],
    ['signalRun', { signalId: 's' }],
    ['repairRun', { repairId: 'r' }],
    ['triggerSchedule', { idempotencyKey: 'k' }],
    ['backfillSchedule', { idempotencyKey: 'k' }],
    ['publishEvent', { id: 'e' }],
  ])('is sent again where the caller gave a key: %s', (method, request) => {
    expect(methods).toContain(method);
    expect(isRepeatable(method, request)).toBe(true);
    expect(isRepeatable(method, Object.fromEntries(Object.keys(request).map((key) => [key, ''])))).toBe(false);
  });

  it.each(['startsRun', 'deleteEverything', 'constructor'])('is not sent again where the method is not known: %s', (method) => {
    expect(isRepeatable(method, { idempotencyKey: 'k', id: 'i' })).toBe(false);
  });
});
