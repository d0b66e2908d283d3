import { describe, expect, it } from '@jest/globals';
import { runEvents, type RunEvent } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { runLabelsProjection } from './run-labels.projection.js';
import { runsProjection } from './runs.projection.js';
import { TaskHistories } from './task-history.js';
import { tasksProjection } from './tasks.projection.js';

const HASH = 'a'.repeat(64);
const UNTIL = '2026-05-01T10:00:00.000Z';
const started: RunEvent = {
  type: 'RunStarted',
  data: {
    ...{
      runId: 'r',
      workflow: 'wf',
      workflowVersion: 1,
      definitionHash: HASH,
      inputs: { inline: {} },
      labels: { team: 'core', note: 'a/b=c' },
    },
    ...{ idempotencyKey: null, requestHash: HASH, startedBy: 'user:a' },
  },
};
const begun = (task: string, attempt = 1) => ({ task, step: 'a', index: null, attempt, begunAt: UNTIL });
const slept = (task: string): RunEvent => ({ type: 'TimerStarted', data: { ...begun(task), wakeAt: UNTIL } });
const awaited = (task: string, attempt = 1): RunEvent => ({
  type: 'SignalAwaited',
  data: { ...begun(task, attempt), signal: 'go', deadlineAt: null },
});
const succeeded = (task: string, attempt = 1): RunEvent => ({
  type: 'TaskSucceeded',
  data: { task, attempt, output: { inline: 1 }, durationMs: 5, takenFrom: 's1' },
});
const sentBack = (task: string): RunEvent => ({
  type: 'TaskAttemptFailed',
  data: {
    ...{ task, attempt: 1, cause: 'gate', error: { code: 'GATE_FAILED', message: 'no' } },
    ...{ worker: null, retryAt: UNTIL, feedback: [] },
  },
});
const again = (iteration: number): RunEvent => ({
  type: 'RepetitionDecided',
  data: { step: 'a', iteration, again: true, resumeAt: null },
});

function record(event: RunEvent, position: number): RecordedEvent {
  const { schemaVersion } = runEvents[event.type];
  const metadata = { correlationId: 'r' };
  return { ...event, schemaVersion, position, time: `t${position}`, metadata } as unknown as RecordedEvent;
}

/** The documents after these events, by key. */
function fold<Doc extends JsonObject>(projection: Projection<Doc>, ...events: readonly RunEvent[]): ReadonlyMap<string, Doc | null> {
  const documents = new Map<string, Doc | null>();
  events.forEach((event, position) => {
    const recorded = record(event, position);
    for (const key of projection.keys(recorded)) documents.set(key, projection.evolve(documents.get(key) ?? null, recorded, key));
  });
  return documents;
}

describe('work that no agent does, in the views', () => {
  const stepOf = (...events: readonly RunEvent[]) => fold(runsProjection, started, ...events).get('r')?.steps['a'];

  it('is what its step waits for, until its task has ended', () => {
    expect(stepOf(slept('a'))).toMatchObject({
      status: 'running',
      tasks: 1,
      attempts: 1,
      awaited: { kind: 'timer', what: '', until: UNTIL },
    });
    expect(stepOf(slept('a'), succeeded('a'))).toMatchObject({ tasksSucceeded: 1, awaited: null });
    expect(stepOf(awaited('a[0]'), awaited('a[1]'), succeeded('a[0]'))).toMatchObject({
      awaited: { kind: 'signal', what: 'go', task: 'a[1]' },
    });
    const cancelled: RunEvent = { type: 'TaskCancelled', data: { task: 'a', attempt: 1, worker: null, reason: '' } };
    expect(stepOf(awaited('a'), cancelled)).toMatchObject({ awaited: null });
  });

  it('starts anew with each repetition of its step, which counts them', () => {
    expect(stepOf(awaited('a'), succeeded('a'), again(1))).toMatchObject({
      status: 'running',
      tasksSucceeded: 0,
      attempts: 1,
      repetitions: 1,
    });
    expect(stepOf(awaited('a'), succeeded('a'), again(1), awaited('a~2'))).toMatchObject({ attempts: 2, awaited: { task: 'a~2' } });
  });

  it('is a task that waits, and waits again when a gate sent it back', () => {
    const taskOf = (...events: readonly RunEvent[]) => fold(tasksProjection, started, ...events).get('r/a');
    expect(taskOf(awaited('a'))).toMatchObject({
      status: 'waiting',
      capability: '',
      attempt: 1,
      awaited: { kind: 'signal', what: 'go', until: null },
    });
    expect(taskOf(awaited('a'), succeeded('a'))).toMatchObject({ status: 'succeeded', endedAt: 't2' });
    expect(taskOf(awaited('a'), succeeded('a'), sentBack('a'), awaited('a', 2))).toMatchObject({
      status: 'waiting',
      attempt: 2,
      order: 1,
      error: null,
      endedAt: null,
    });
  });

  it('has a history like an agent’s', () => {
    const histories = new TaskHistories();
    for (const event of [awaited('a'), succeeded('a'), sentBack('a'), awaited('a', 2)]) histories.apply(event, UNTIL);
    expect(histories.list(() => true, 10)).toMatchObject([
      {
        status: 'waiting',
        awaited: { kind: 'signal', what: 'go' },
        attempts: [
          { attempt: 1, outcome: 'rejected' },
          { attempt: 2, outcome: 'running', agent: '' },
        ],
      },
    ]);
  });
});

describe('the labels of runs', () => {
  it('are one document each, under the run and what it says', () => {
    const documents = fold(runLabelsProjection, started, slept('a'));
    expect([...documents]).toEqual([
      ['r/team=core', { runId: 'r', label: 'team=core', startedAt: 't0' }],
      ['r/note=a/b=c', { runId: 'r', label: 'note=a/b=c', startedAt: 't0' }],
    ]);
  });
});
