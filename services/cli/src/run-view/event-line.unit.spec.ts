import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { runEvents } from '@tutti/contracts';
import { runStory } from '../testing/run-story.js';
import { eventLine, eventText } from './event-line.js';

const utc = { utcOffsetMinutes: () => 0 };

describe('the plain line of an event', () => {
  it('begins with the local time and says what happened', () => {
    const [, scheduled] = runStory().started().scheduled('context', { agent: 'architect-review' }).events;
    expect(eventLine(scheduled!, utc)).toBe('12:00:01.000 step context started (architect-review)');
    expect(eventLine(scheduled!, { utcOffsetMinutes: () => 120 })).toBe('14:00:01.000 step context started (architect-review)');
  });

  it.each(Object.keys(runEvents))('has words for %s', (type) => {
    const file = new URL(`../../../../libs/contracts/fixtures/v1/${type}.json`, import.meta.url);
    const text = eventText(JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof eventText>[0]);
    expect(text).not.toContain('{');
    expect(text).not.toMatch(/undefined|null/);
  });

  it('has words for every event of a run', () => {
    const story = runStory()
      .started()
      .scheduled('a', { agent: null })
      .assigned('a', 'bee', 2)
      .taskDone('a')
      .attemptFailed('a', null)
      .gate('a', 'ok', false, 'too long')
      .asks('a', 'a1')
      .decided('a1', false)
      .stepDone('a')
      .stepFailed('a')
      .runDone()
      .runFailed();
    story
      .add('StepSkipped', { step: 'b', because: 'needs', message: 'a failed' })
      .add('FanOutStarted', { step: 'c', items: { inline: [] }, count: 4, concurrency: 2 });
    story
      .add('TaskCancelled', { task: 'c[1]', attempt: 1, worker: null, reason: 'run cancelled' })
      .add('TaskResultSuperseded', { task: 'c[2]', attempt: 1, outcome: 'failed', durationMs: 5 });
    story
      .add('StepsReset', { steps: ['a', 'b'], target: 'a', because: { step: 'b', gate: 'ok' }, feedback: [] })
      .add('RunCancelled', { cancelledBy: 'user:ann', reason: 'wrong input' });
    story.add('ApprovalVoided', { approvalId: 'a2', reason: 'the run ended' }).add('FanOutJoined', { step: 'c', output: { inline: [] } });
    story.add('RunPaused', { pausedBy: 'user:ann', reason: 'wait' }).add('RunResumed', { resumedBy: 'user:bob', reason: '' });
    expect(story.events.map(eventText)).toEqual([
      'run run1 of demo v1 started by user:ann',
      'step a waits for an agent with demo.work',
      'step a attempt 2 started (bee)',
      'task a done in 1.0s',
      'task a attempt 1 failed: no luck (AGENT_FAILED)',
      'gate ok of a ✗ failed: too long; goto',
      'step a waits for approval: Is the plan right?; answer with: tutti approve a1',
      'approval a1 rejected by user:ann',
      'step a succeeded',
      'step a failed: no luck (AGENT_FAILED)',
      'run succeeded',
      'run failed: no luck (AGENT_FAILED)',
      'step b skipped: a failed',
      'step c fans out over 4 items, 2 at once',
      'task c[1] cancelled: run cancelled',
      'task c[2] attempt 1 came too late and changed nothing',
      'steps a, b begin again: gate ok of b went back to a',
      'run cancelled by user:ann: wrong input',
      'approval a2 is not needed any more: the run ended',
      'step c joined its fan-out',
      'run paused by user:ann: wait',
      'run resumed by user:bob',
    ]);
  });

  it('falls back on type and data for what is not of a run', () => {
    const [started] = runStory().started().events;
    expect(eventText({ ...started!, type: 'AgentDeregistered', data: { name: 'bee' } })).toBe('AgentDeregistered {"name":"bee"}');
  });
});
