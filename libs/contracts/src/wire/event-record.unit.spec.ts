import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { FollowResponse } from '../generated/tutti/v1/feed.js';
import { fromEventRecord, toEventRecord } from './event-record.js';

const BARE: RecordedEvent = {
  id: '019c0000-0000-7000-8000-000000000000',
  type: 'RunStarted',
  schemaVersion: 1,
  contentType: 'application/json',
  stream: 'run-1',
  revision: 0,
  position: 0,
  time: '2026-01-01T00:00:00.123Z',
  data: {},
  metadata: {
    correlationId: '1',
    causationId: null,
    traceparent: null,
    actor: 'user:ann',
    tenant: 'default',
    subject: null,
    keyId: null,
  },
  previousHash: null,
};

const FULL: RecordedEvent = {
  ...BARE,
  revision: 7,
  position: Number.MAX_SAFE_INTEGER,
  data: { text: 'ü ✍', deep: { list: [1, -2.5, true, null, '', { empty: [] }] }, 'a.b': 0 },
  metadata: { ...BARE.metadata, causationId: 'c', traceparent: '00-a-b-01', subject: 's', keyId: 'k' },
  previousHash: 'a'.repeat(64),
};

describe('an event on its way through the feed', () => {
  it.each([
    ['with everything absent that may be', BARE],
    ['with every member', FULL],
  ])('arrives as it was recorded: %s', (_, event) => {
    const bytes = FollowResponse.encode({ event: toEventRecord(event) }).finish();
    const arrived = FollowResponse.decode(bytes).event;
    expect(arrived === undefined ? undefined : fromEventRecord(arrived)).toEqual(event);
  });
});
