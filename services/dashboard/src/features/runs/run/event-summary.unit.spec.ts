import { describe, expect, it } from '@jest/globals';
import { eventView, type EventView } from '@tutti/rest-contract';
import { eventSummary, matchesEvent } from './event-summary.js';

const EVENT: EventView = eventView.parse({
  ...{ id: 'e', type: 'TaskAttemptFailed', stream: 'run-r', revision: 3, position: 9, time: '2026-03-01T12:00:00.000Z' },
  data: { task: 'draft[2]', attempt: 2, error: { code: 'TIMED_OUT', message: 'too slow' } },
  metadata: { actor: 'service:coordinator' },
});

describe('a line of the event log', () => {
  it.each([
    [EVENT, 'draft[2], attempt 2: too slow (TIMED_OUT)'],
    [{ type: 'TaskScheduled', data: { task: 'a', attempt: 1, assignment: null, capability: 'x.y' } }, 'a: waits for an agent with x.y'],
    [{ type: 'TaskAssigned', data: { task: 'a', attempt: 1, assignment: { agent: 'bob' } } }, 'a: goes to bob'],
    [{ type: 'RunPaused', data: { pausedBy: 'user:ann', reason: 'lunch' } }, 'by user:ann: lunch'],
    [{ type: 'RunCancelled', data: { cancelledBy: 'user:ann', reason: '' } }, 'by user:ann'],
    [{ type: 'FromTheFuture', data: { step: 'x', more: 1 } }, 'x'],
  ])('says %j in words', (event, text) => expect(eventSummary(event)).toBe(text));

  it.each([
    ['attemptfailed', true],
    ['TOO SLOW', true],
    ['coordinator', true],
    ['', true],
    ['succeeded', false],
  ])('is found by %p: %p', (text, is) => expect(matchesEvent(EVENT, text)).toBe(is));
});
