import { describe, expect, it } from '@jest/globals';
import type { RelayState } from '@tutti/relay';
import { findRelay, troubleOf } from './relay-findings.js';

const NOW_MS = Date.parse('2026-01-01T00:10:00.000Z');
const PUBLISHING: RelayState = {
  ...{ status: 'publishing', position: 90, head: 100, lag: 10, lastPublishedAt: null, published: 90, fault: null },
};

describe('what a coordinator says of publishing to the broker', () => {
  it('finds nothing where it publishes or stands by', () => {
    expect(findRelay(PUBLISHING, NOW_MS)).toEqual({ status: 'ok', detail: 'publishing; 10 positions behind the log' });
    const standby: RelayState = { ...PUBLISHING, status: 'standby', position: null, head: null, lag: null };
    expect(findRelay(standby, NOW_MS)).toEqual({ status: 'ok', detail: 'another coordinator publishes' });
    expect([PUBLISHING, standby].map((state) => troubleOf(state, NOW_MS))).toEqual([null, null]);
  });

  it('says that it waits, and why, once that is no matter of moments', () => {
    const waiting = (since: string): RelayState => ({ ...PUBLISHING, status: 'waiting', fault: { reason: 'no leader', since } });
    expect(troubleOf(waiting('2026-01-01T00:09:50.000Z'), NOW_MS)).toBeNull();
    expect(findRelay(waiting('2026-01-01T00:09:50.000Z'), NOW_MS)).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('no leader'),
    });
    const found = findRelay(waiting('2026-01-01T00:09:00.000Z'), NOW_MS);
    expect(found).toEqual({ status: 'warning', detail: 'waiting since 2026-01-01T00:09:00.000Z: no leader; 10 positions behind the log' });
    expect(troubleOf(waiting('2026-01-01T00:09:00.000Z'), NOW_MS)).toBe(`publishing to Kafka: ${found.detail}`);
  });

  it('says at once that it is stuck, and where, also while it begins anew', () => {
    const event = { id: 'e', type: 'TaskScheduled', stream: 'run-r1', revision: 3, position: 91 };
    const fault = { reason: 'too large', since: '2026-01-01T00:09:59.000Z', event };
    for (const status of ['stuck', 'publishing'] as const)
      expect(findRelay({ ...PUBLISHING, status, fault }, NOW_MS)).toMatchObject({
        status: 'failed',
        detail: expect.stringContaining('too large, at TaskScheduled, revision 3 of run-r1'),
      });
  });
});
