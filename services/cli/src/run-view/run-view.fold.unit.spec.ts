import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { runStory } from '../testing/run-story.js';
import { foldRunView } from './run-view.fold.js';
import { initialRunView, type RunViewState, type StepState } from './run-view.state.js';

const PLAN = [
  { id: 'context', name: 'Context', needs: [] },
  { id: 'review', name: 'Review', needs: ['context'] },
];

function fold(story: ReturnType<typeof runStory>): RunViewState {
  const events = story.events.map((event) => ({ event: event as unknown as RunEvent, atMs: Date.parse(event.time) }));
  return foldRunView(initialRunView('run1', PLAN), events);
}

function step(state: RunViewState, id: string): StepState {
  const found = state.steps.get(id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
}

describe('the fold of a run’s view', () => {
  it('keeps the steps in the order of the definition, pending before anything happened', () => {
    const state = fold(runStory());
    expect([...state.steps.values()].map(({ id, status }) => [id, status])).toEqual([
      ['context', 'pending'],
      ['review', 'pending'],
    ]);
    expect(state.status).toBe('starting');
  });

  it('shows a step with its agent as running once its task is assigned at scheduling', () => {
    const state = fold(runStory().started().scheduled('context', { agent: 'architect' }));
    expect(step(state, 'context')).toMatchObject({ status: 'running', agent: 'architect', attempt: 1 });
    expect(step(state, 'context').startedAtMs).toBe(Date.UTC(2026, 0, 1, 12, 0, 1));
  });

  it('shows a step as waiting, with the reason, until an agent is free', () => {
    const waiting = runStory().started().scheduled('context', { agent: null });
    expect(step(fold(waiting), 'context')).toMatchObject({ status: 'waiting', agent: null, note: 'no agent with demo.work is free' });
    expect(step(fold(waiting.assigned('context', 'late-bird')), 'context')).toMatchObject({
      status: 'running',
      agent: 'late-bird',
      note: null,
    });
  });

  it('counts attempts and says when the next one is when an attempt failed', () => {
    const retryAt = '2026-01-01T12:00:30.000Z';
    const failed = runStory().started().scheduled('context').attemptFailed('context', retryAt);
    expect(step(fold(failed), 'context')).toMatchObject({ status: 'retrying', retryAtMs: Date.parse(retryAt), note: 'no luck' });
    expect(step(fold(failed.assigned('context', 'second', 2)), 'context')).toMatchObject({
      status: 'running',
      attempt: 2,
      agent: 'second',
      retryAtMs: null,
      note: null,
    });
  });

  it('counts the tasks of a fan-out by how they ended', () => {
    const story = runStory()
      .started()
      .add('FanOutStarted', { step: 'context', items: { inline: [1, 2, 3] }, count: 3, concurrency: 2 });
    story
      .scheduled('context', { index: 0 })
      .scheduled('context', { index: 1 })
      .taskDone('context[0]')
      .scheduled('context', { index: 2 })
      .attemptFailed('context[1]', null);
    const context = step(fold(story), 'context');
    expect(context.fanOut).toBe(3);
    expect(context.counts).toMatchObject({ succeeded: 1, failed: 1, running: 1 });
    expect(context.status).toBe('running');
  });

  it('takes back a task’s success when a gate sends it back', () => {
    const story = runStory()
      .started()
      .scheduled('context')
      .taskDone('context')
      .gate('context', 'complete', false, 'half is missing')
      .attemptFailed('context', '2026-01-01T12:01:00.000Z');
    const context = step(fold(story), 'context');
    expect(context.counts).toMatchObject({ succeeded: 0, retrying: 1 });
    expect(context.gates).toEqual([{ gate: 'complete', passed: false, message: 'half is missing', action: 'goto' }]);
  });

  it('keeps only the newest verdict of each gate', () => {
    const story = runStory()
      .started()
      .scheduled('context')
      .gate('context', 'complete', false)
      .gate('context', 'small', true)
      .gate('context', 'complete', true);
    expect(step(fold(story), 'context').gates.map(({ gate, passed }) => [gate, passed])).toEqual([
      ['small', true],
      ['complete', true],
    ]);
  });

  it('holds an approval until it is decided', () => {
    const asked = runStory().started().scheduled('context').taskDone('context').asks('context', 'a1');
    const waiting = fold(asked);
    expect([...waiting.approvals.keys()]).toEqual(['a1']);
    expect(step(waiting, 'context').status).toBe('awaiting-approval');
    const decided = fold(asked.decided('a1', true));
    expect(decided.approvals.size).toBe(0);
    expect(step(decided, 'context').status).toBe('running');
  });

  it('lets go of an approval that nobody needs to decide any more', () => {
    const story = runStory()
      .started()
      .scheduled('context')
      .taskDone('context')
      .asks('context', 'a1')
      .add('ApprovalVoided', { approvalId: 'a1', reason: 'the step was reset' });
    expect(fold(story).approvals.size).toBe(0);
  });

  it('begins steps anew when a gate goes back, and ignores what was left of the earlier round', () => {
    const story = runStory()
      .started()
      .scheduled('context')
      .taskDone('context')
      .stepDone('context')
      .scheduled('review')
      .asks('review', 'a1');
    story
      .add('StepsReset', { steps: ['context', 'review'], target: 'context', because: { step: 'review', gate: 'sound' }, feedback: [] })
      .taskDone('review');
    const state = fold(story);
    expect(step(state, 'context')).toMatchObject({
      status: 'pending',
      resets: 1,
      startedAtMs: null,
      endedAtMs: null,
      note: 'sent back by sound of review',
    });
    expect(step(state, 'review')).toMatchObject({ status: 'pending', counts: { succeeded: 0, running: 0 } });
    expect(state.approvals.size).toBe(0);
  });

  it('ends what was under way when the run fails, and leaves what never began pending', () => {
    const state = fold(runStory().started().scheduled('context').runFailed('out of luck'));
    expect(state).toMatchObject({ status: 'failed', error: 'out of luck' });
    expect(step(state, 'context').status).toBe('cancelled');
    expect(step(state, 'review').status).toBe('pending');
  });

  it('says by whom and why it is paused, until it goes on', () => {
    const story = runStory().started().add('RunPaused', { pausedBy: 'user:ann', reason: 'wait' });
    expect(fold(story)).toMatchObject({ status: 'paused', pause: 'wait (user:ann)' });
    expect(fold(story.add('RunResumed', { resumedBy: 'user:ann', reason: '' }))).toMatchObject({ status: 'running', pause: null });
  });

  it('says why a step was skipped', () => {
    const state = fold(
      runStory().started().add('StepSkipped', { step: 'review', because: 'condition', message: 'its condition is false' }),
    );
    expect(step(state, 'review')).toMatchObject({ status: 'skipped', note: 'its condition is false' });
  });

  it('adds a step that the definition did not name behind the others', () => {
    expect([...fold(runStory().started().scheduled('surprise')).steps.keys()]).toEqual(['context', 'review', 'surprise']);
  });

  it('changes nothing for an event of a type that it does not know', () => {
    const story = runStory().started().scheduled('context');
    const before = JSON.stringify(step(fold(story), 'context'));
    story.events.push({ ...story.events[0]!, type: 'SomethingNewer', revision: 2 });
    expect(JSON.stringify(step(fold(story), 'context'))).toBe(before);
  });
});
