import { describe, expect, it } from '@jest/globals';
import { runIdOfKey, runOfApproval } from './run-ids.js';

describe('ids from which a run follows', () => {
  it('name the same run by the same key for ever, as a UUIDv8', () => {
    expect(runIdOfKey('order-1')).toBe('737cc5ad-ae02-845b-bb64-07fbc40e5002');
    expect(runIdOfKey('order-2')).not.toBe(runIdOfKey('order-1'));
    expect(runIdOfKey('order-1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it.each([
    ['0191-a.review.people.1', '0191-a'],
    ['0191-a~5f.review.people.2', '0191-a~5f'],
    ['no-approval', 'no-approval'],
  ])('name the run of approval %s', (approval, run) => {
    expect(runOfApproval(approval)).toBe(run);
  });
});
