import { describe, expect, it } from '@jest/globals';
import { eventView, type EventView } from '@tutti/rest-contract';
import { outputOf, stepStory, storyOf } from './run-story.js';

let revision = 0;

function event(type: string, data: Readonly<Record<string, unknown>>, second = revision): EventView {
  const time = `2026-03-01T12:00:${String(second).padStart(2, '0')}.000Z`;
  return eventView.parse({
    id: `e${revision}`,
    type,
    stream: 'run-r',
    revision,
    position: revision++,
    time,
    data,
    metadata: { actor: 'service:coordinator' },
  });
}

const assignment = { agent: 'writer', worker: 'w1' };
const scheduled = (attempt: number, more: object = {}) =>
  event('TaskScheduled', { task: 'draft', step: 'draft', attempt, input: { inline: { n: attempt } }, assignment, ...more });

describe('the story of a run', () => {
  it('has the attempts of a step with what went in and came out', () => {
    const story = storyOf([
      event('RunStarted', { inputs: { inline: { topic: 'x' } } }),
      scheduled(1),
      event('TaskAttemptFailed', {
        task: 'draft',
        attempt: 1,
        cause: 'error',
        error: { code: 'E', message: 'no' },
        retryAt: '2026-03-01T12:00:09.000Z',
      }),
      scheduled(2),
      event('TaskSucceeded', { task: 'draft', attempt: 2, output: { inline: 'done' }, durationMs: 5 }),
      event('RunSucceeded', { outputs: { inline: 1 } }),
    ]);
    const { attempts } = stepStory(story, 'draft');
    expect(attempts.map(({ attempt, status, agent }) => [attempt, status, agent])).toEqual([
      [1, 'failed', 'writer'],
      [2, 'succeeded', 'writer'],
    ]);
    expect(attempts[0]).toMatchObject({ message: 'no (E)', retryAt: '2026-03-01T12:00:09.000Z', input: { inline: { n: 1 } } });
    expect(outputOf(stepStory(story, 'draft'))).toEqual({ inline: 'done' });
    expect([story.inputs, story.outputs]).toEqual([{ inline: { topic: 'x' } }, { inline: 1 }]);
  });

  it('counts the time from the assignment, not from the scheduling', () => {
    const waits = scheduled(1, { assignment: null });
    expect(stepStory(storyOf([waits]), 'draft').attempts[0]).toMatchObject({ status: 'waiting', startedAt: undefined });
    const taken = event('TaskAssigned', { task: 'draft', step: 'draft', attempt: 1, assignment });
    expect(stepStory(storyOf([waits, taken]), 'draft').attempts[0]).toMatchObject({
      status: 'running',
      startedAt: taken.time,
      scheduledAt: waits.time,
    });
  });

  it('has a wait as work of no agent', () => {
    const story = storyOf([event('SignalAwaited', { task: 'ok', step: 'ok', attempt: 1, signal: 'answer', deadlineAt: null })]);
    expect(story.attempts[0]).toMatchObject({ kind: 'signal', status: 'running', agent: '' });
  });

  it('has the verdicts of gates with their evidence, in their order', () => {
    const verdict = (passed: boolean) =>
      event('GateEvaluated', {
        step: 'draft',
        gate: 'length',
        gateType: 'expression',
        passed,
        message: 'm',
        evidence: { n: 3 },
        action: 'retry',
      });
    const { gates } = stepStory(storyOf([verdict(false), verdict(true)]), 'draft');
    expect(gates.map(({ passed, evidence }) => [passed, evidence])).toEqual([
      [false, { n: 3 }],
      [true, { n: 3 }],
    ]);
  });

  it('gives the joined value as the output of a fan-out', () => {
    const story = storyOf([scheduled(1), event('FanOutJoined', { step: 'draft', output: { inline: [1, 2] } })]);
    expect(outputOf(stepStory(story, 'draft'))).toEqual({ inline: [1, 2] });
  });

  it('passes over events that it does not know and tasks that it has not heard of', () => {
    const story = storyOf([event('FromTheFuture', {}), event('TaskSucceeded', { task: 'x', attempt: 1, output: { inline: 1 } })]);
    expect(story.attempts).toEqual([]);
    expect(outputOf(stepStory(story, 'x'))).toBeUndefined();
  });
});

describe('what people are asked in a run', () => {
  const asked = (approvalId: string) =>
    event('ApprovalRequested', { approvalId, step: 'draft', gate: 'sign-off', title: 'Is it right?', payload: { inline: 1 } }, 1);

  it('is a span of time until somebody decides, and is no attempt of the step', () => {
    const story = storyOf([
      asked('a'),
      event('ApprovalDecided', { approvalId: 'a', approved: false, decidedBy: 'user:ann', reason: 'no' }, 9),
    ]);
    expect(story.asked).toMatchObject([
      {
        task: 'draft: sign-off',
        kind: 'approval',
        status: 'failed',
        agent: 'user:ann',
        message: 'no',
        endedAt: '2026-03-01T12:00:09.000Z',
      },
    ]);
    expect(stepStory(story, 'draft').attempts).toEqual([]);
  });

  it('is open until then', () => {
    expect(storyOf([asked('a')]).asked).toMatchObject([{ status: 'asked', endedAt: undefined }]);
  });

  it('leaves the variables as they were set last', () => {
    const set = (values: object) => event('VariablesSet', { values, step: null, setBy: 'user:ann', reason: '' });
    expect(storyOf([set({ a: { inline: 1 }, b: { inline: 2 } }), set({ a: { inline: 3 } })]).variables).toEqual({ a: 3, b: 2 });
  });
});
