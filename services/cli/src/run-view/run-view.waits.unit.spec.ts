import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { paintLine } from '../terminal/line.js';
import { createStyle } from '../terminal/style.js';
import { runStory } from '../testing/run-story.js';
import { eventText } from './event-line.js';
import { foldRunView } from './run-view.fold.js';
import { renderRunView } from './run-view.render.js';
import { initialRunView, type RunViewState } from './run-view.state.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const UNTIL = '2026-01-01T12:01:05.000Z';
const begun = (task: string, index: number | null = null) => ({ task, step: 'a', index, attempt: 1, begunAt: UNTIL });
const CHILD = {
  ...{ runId: 'run1~c', workflow: 'pay', workflowVersion: 1, definitionHash: 'a'.repeat(64) },
  ...{ inputs: { inline: {} }, detached: false, deadlineAt: null },
};

function fold(story: ReturnType<typeof runStory>): RunViewState {
  const plan = [{ id: 'a', name: '', needs: [] }];
  const events = story.events.map((event) => ({ event: event as unknown as RunEvent, atMs: Date.parse(event.time) }));
  return foldRunView(initialRunView('run1', plan), events);
}
function line(story: ReturnType<typeof runStory>): string | undefined {
  const [, step] = renderRunView(fold(story), { width: 100, height: 0, nowMs: NOON + 5_000 });
  return step === undefined ? undefined : paintLine(step, 100, createStyle(false));
}

describe('the view of a run that waits', () => {
  it('says what a step waits for, and how long yet', () => {
    const story = () => runStory().started();
    expect(line(story().add('TimerStarted', { ...begun('a'), wakeAt: UNTIL }))).toContain('◌ a     4.0s  sleeps, 1m 00s left');
    expect(line(story().add('SignalAwaited', { ...begun('a'), signal: 'go', deadlineAt: null }))).toMatch(/waits for signal go$/);
    const awaited = { ...begun('a'), eventType: 'paid', source: null, after: 3, deadlineAt: UNTIL };
    expect(line(story().add('EventAwaited', awaited))).toMatch(/waits for event paid, at most 1m 00s$/);
    expect(line(story().add('ChildRunStarted', { ...begun('a'), ...CHILD }))).toMatch(/⠋.*waits for run pay run1~c$/);
  });

  it('waits no more once that has come, and for the others of a list yet', () => {
    const story = runStory()
      .started()
      .add('SignalAwaited', { ...begun('a[0]', 0), signal: 'go', deadlineAt: null });
    story.add('SignalAwaited', { ...begun('a[1]', 1), signal: 'go', deadlineAt: null }).taskDone('a[0]');
    expect(fold(story).steps.get('a')).toMatchObject({
      status: 'waiting',
      awaited: { task: 'a[1]' },
      counts: { waiting: 1, succeeded: 1 },
    });
    expect(fold(story.taskDone('a[1]')).steps.get('a')?.awaited).toBeNull();
  });

  it('begins a step that repeats anew, and says when', () => {
    const story = runStory().started().scheduled('a').taskDone('a');
    story.add('RepetitionDecided', { step: 'a', iteration: 1, again: true, resumeAt: UNTIL });
    expect(fold(story).steps.get('a')).toMatchObject({ status: 'waiting', repeats: 1, counts: { succeeded: 0 } });
    expect(line(story)).toMatch(/time 2 +again in 1m 00s$/);
  });
});

describe('the plain lines of waits', () => {
  it('have words for every event', () => {
    const story = runStory()
      .add('TimerStarted', { ...begun('a'), wakeAt: UNTIL })
      .add('SignalAwaited', { ...begun('a'), signal: 'go', deadlineAt: UNTIL });
    story
      .add('EventAwaited', { ...begun('a'), eventType: 'paid', source: null, after: 3, deadlineAt: null })
      .add('ChildRunStarted', { ...begun('a'), ...CHILD })
      .add('SignalReceived', { signalId: 's1', name: 'go', payload: { inline: 1 }, sentBy: 'user:ann' });
    story
      .add('SignalsPassed', { task: 'a', step: 'a', attempt: 1, through: 1 })
      .add('RepetitionDecided', { step: 'a', iteration: 1, again: true, resumeAt: null })
      .add('RepetitionDecided', { step: 'a', iteration: 2, again: false, resumeAt: null });
    story
      .add('VariablesSet', { values: { x: { inline: 1 } }, step: 'a', output: { inline: {} }, setBy: 'service:coordinator', reason: '' })
      .add('VariablesSet', { values: { x: { inline: 1 }, y: { inline: 2 } }, step: null, setBy: 'user:ann', reason: 'more' });
    expect(story.events.map(eventText)).toEqual([
      `step a sleeps until ${UNTIL}`,
      `step a waits for a signal go, at most until ${UNTIL}`,
      'step a waits for an event paid',
      'step a starts run run1~c of pay',
      'signal go from user:ann',
      'step a waits on: no signal was for it',
      'step a is done again, for the 2. time',
      'step a needs no further time',
      'step a set x',
      'user:ann set x, y: more',
    ]);
  });
});
