import { describe, expect, it } from '@jest/globals';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import { breaches } from './effect-rules.js';
import type { Effect } from './witness.js';

const at = (ms: number) => new Date(1_000_000 + ms).toISOString();
const recorded = (events: readonly (readonly [type: string, data: JsonObject, ms: number])[]) =>
  events.map(([type, data, ms], revision) => ({ type, data, revision, time: at(ms) }) as unknown as RecordedEvent);
const effect = (attempt: number, ms: number): Effect => ({ runId: 'r', task: 't', attempt, atMs: 1_000_000 + ms });
const scheduled = ['TaskScheduled', { task: 't', attempt: 1, assignment: {} }, 0] as const;
const assigned = (attempt: number, ms: number) => ['TaskAssigned', { task: 't', attempt }, ms] as const;
const succeeded = (attempt: number, ms: number) => ['TaskSucceeded', { task: 't', attempt }, ms] as const;
const failed = (attempt: number, cause: string, ms: number) => ['TaskAttemptFailed', { task: 't', attempt, cause }, ms] as const;

describe('the rules of effects', () => {
  it('find nothing in a task that was lost once, tried again and then succeeded', () => {
    const events = recorded([scheduled, failed(1, 'lost', 5), assigned(2, 5), succeeded(2, 9)]);
    expect(breaches('r', [effect(1, 2), effect(2, 7)], events)).toEqual([]);
    expect(breaches('r', [effect(2, 7)], events)).toEqual([]);
  });

  it('find nothing in a task that a gate sent back', () => {
    const events = recorded([scheduled, succeeded(1, 5), failed(1, 'gate', 5), assigned(2, 5), succeeded(2, 9)]);
    expect(breaches('r', [effect(1, 2), effect(2, 7)], events)).toEqual([]);
  });

  it.each([
    ['two effects of one attempt', [effect(1, 1), effect(1, 2)], [scheduled, succeeded(1, 5)], '2 effects'],
    ['an effect after the success', [effect(1, 1), effect(1, 8)], [scheduled, succeeded(1, 5)], '3 ms after attempt 1 had succeeded'],
    [
      'an effect of a later attempt',
      [effect(1, 1), effect(2, 8)],
      [scheduled, succeeded(1, 5), assigned(2, 6)],
      'an effect, but attempt 1 had succeeded',
    ],
    [
      'a second success',
      [effect(1, 1), effect(2, 3)],
      [scheduled, assigned(2, 2), succeeded(1, 5), succeeded(2, 6)],
      'a second TaskSucceeded',
    ],
    ['an effect without an assignment', [effect(1, 1), effect(2, 2)], [scheduled, succeeded(1, 5)], 'never assigned'],
    ['a success without an effect', [], [scheduled, succeeded(1, 5)], 'without an effect'],
    [
      'a failure without an effect',
      [effect(2, 7)],
      [scheduled, failed(1, 'error', 5), assigned(2, 6), succeeded(2, 9)],
      'without an effect',
    ],
    ['a task without a success', [effect(1, 1)], [scheduled], 'no TaskSucceeded stands'],
    [
      'a success that a gate sent back for good',
      [effect(1, 1)],
      [scheduled, succeeded(1, 5), failed(1, 'gate', 5)],
      'no TaskSucceeded stands',
    ],
  ] as const)('find %s', (_, effects, events, message) => {
    expect(breaches('r', effects, recorded(events)).join('\n')).toContain(message);
  });
});
