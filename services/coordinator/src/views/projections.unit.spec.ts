import { describe, expect, it } from '@jest/globals';
import { runEvents, type RunEvent } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { approvalsProjection } from './approvals.projection.js';
import { runsProjection } from './runs.projection.js';
import { tasksProjection } from './tasks.projection.js';

const HASH = 'a'.repeat(64);
const seat = { worker: 'w', agent: 'x', agentVersion: '1', deadlineAt: null, reason: '', candidates: [] };
const started: RunEvent = {
  type: 'RunStarted',
  data: {
    ...{ runId: 'r', workflow: 'wf', workflowVersion: 1, definitionHash: HASH, inputs: { inline: {} }, labels: {} },
    ...{ idempotencyKey: null, requestHash: HASH, startedBy: 'user:a' },
  },
};
const scheduled = (step: string, assignment: typeof seat | null = seat): RunEvent => ({
  type: 'TaskScheduled',
  data: {
    ...{ task: step, step, index: null, capability: 'work', pinnedAgent: null, input: { inline: null }, timeoutMs: null },
    ...{ feedback: [], attempt: 1, assignment },
  },
});
const succeeded = (task: string): RunEvent => ({ type: 'TaskSucceeded', data: { task, attempt: 1, output: { inline: 1 }, durationMs: 1 } });
const asked: RunEvent = {
  type: 'ApprovalRequested',
  data: { approvalId: 'r.a.ok.1', step: 'a', gate: 'ok', title: 'ok?', payload: { inline: 1 }, payloadHash: HASH },
};
const decided: RunEvent = {
  type: 'ApprovalDecided',
  data: { approvalId: 'r.a.ok.1', approved: true, payloadHash: HASH, decidedBy: 'user:b', decidedAt: 't', reason: 'good' },
};

/** The document after these events, each at the time of its place. */
function fold<Doc extends JsonObject>(projection: Projection<Doc>, ...events: readonly RunEvent[]): Doc | null {
  let document: Doc | null = null;
  events.forEach((event, position) => {
    const recorded = {
      ...{ id: `${position}`, schemaVersion: runEvents[event.type].schemaVersion, contentType: 'application/json', stream: 'run-r' },
      ...{ revision: position, position, time: `t${position}`, previousHash: null, ...event },
      metadata: {
        correlationId: 'r',
        causationId: null,
        traceparent: null,
        actor: 'user:a',
        tenant: 'default',
        subject: null,
        keyId: null,
      },
    } as unknown as RecordedEvent;
    const [key = ''] = projection.keys(recorded);
    document = projection.evolve(document, recorded, key);
  });
  return document;
}

describe('the projection of runs', () => {
  it('says who holds a run while it is paused, and nothing of it afterwards', () => {
    const paused: RunEvent = { type: 'RunPaused', data: { pausedBy: 'user:b', reason: 'wait' } };
    const resumed: RunEvent = { type: 'RunResumed', data: { resumedBy: 'user:b', reason: '' } };
    const cancelled: RunEvent = { type: 'RunCancelled', data: { cancelledBy: 'user:b', reason: '' } };
    expect(fold(runsProjection, started, paused)).toMatchObject({ status: 'paused', pause: { by: 'user:b', reason: 'wait', at: 't1' } });
    expect(fold(runsProjection, started, paused, resumed)).toMatchObject({ status: 'running', pause: null });
    expect(fold(runsProjection, started, paused, cancelled)).toMatchObject({ status: 'cancelled', pause: null });
  });

  it('shows a step from its schedule to its end', () => {
    const events = [started, scheduled('a'), succeeded('a'), { type: 'StepSucceeded', data: { step: 'a' } }] as const;
    expect(fold(runsProjection, ...events)?.steps['a']).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      tasks: 1,
      tasksSucceeded: 1,
      startedAt: 't1',
      endedAt: 't3',
    });
  });

  it('begins a step that was reset anew, but for its attempts', () => {
    const reset: RunEvent = { type: 'StepsReset', data: { steps: ['a'], target: 'a', because: { step: 'a', gate: 'g' }, feedback: [] } };
    expect(fold(runsProjection, started, scheduled('a'), succeeded('a'), reset)?.steps['a']).toMatchObject({
      status: 'pending',
      attempts: 1,
      tasksSucceeded: 0,
      startedAt: null,
    });
  });

  it('cancels the steps that have not ended with the run', () => {
    const cancelled: RunEvent = { type: 'RunCancelled', data: { cancelledBy: 'user:a', reason: '' } };
    const run = fold(runsProjection, started, scheduled('a'), cancelled);
    expect([run?.status, run?.endedAt, run?.steps['a']?.status]).toEqual(['cancelled', 't2', 'cancelled']);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty'])('takes a step that is called "%s" for a step', (step) => {
    expect(fold(runsProjection, started, scheduled(step))?.steps).toEqual({
      [step]: expect.objectContaining({ status: 'running', attempts: 1 }),
    });
    expect(Object.hasOwn(Object, 'attempts')).toBe(false);
  });
});

describe('the projection of tasks', () => {
  it('shows the newest attempt and why the last one failed', () => {
    const error = { code: 'X', message: 'x' };
    const failed = {
      type: 'TaskAttemptFailed',
      data: { task: 'a', attempt: 1, cause: 'error', error, worker: 'w', retryAt: 't', feedback: [] },
    } as const;
    expect(fold(tasksProjection, scheduled('a'), failed)).toMatchObject({ status: 'retrying', error, endedAt: null });
    const again: RunEvent = {
      type: 'TaskAssigned',
      data: { task: 'a', step: 'a', capability: 'work', attempt: 2, assignment: { ...seat, worker: 'v' } },
    };
    expect(fold(tasksProjection, scheduled('a'), failed, again)).toMatchObject({
      status: 'assigned',
      attempt: 2,
      worker: 'v',
      error: null,
    });
  });

  it('shows a task without an agent as scheduled', () => {
    expect(fold(tasksProjection, scheduled('a', null))).toMatchObject({ status: 'scheduled', agent: '', worker: '' });
  });
});

describe('the projection of approvals', () => {
  it('shows who decided', () => {
    expect(fold(approvalsProjection, asked, decided)).toMatchObject({
      runId: 'r',
      status: 'approved',
      decidedBy: 'user:b',
      reason: 'good',
    });
  });

  it('shows one that nobody needs any more as void', () => {
    const voided: RunEvent = { type: 'ApprovalVoided', data: { approvalId: 'r.a.ok.1', reason: 'reset' } };
    expect(fold(approvalsProjection, asked, voided)).toMatchObject({ status: 'voided', decidedAt: 't1', reason: 'reset' });
  });

  it('shows a run that was repaired as running again, with the steps that are done anew pending and those done by hand as done', () => {
    const failed: RunEvent = { type: 'StepFailed', data: { step: 'a', error: { code: 'X', message: 'broke' } } };
    const ended: RunEvent = { type: 'RunFailed', data: { step: 'a', error: { code: 'X', message: 'broke' } } };
    const repaired: RunEvent = {
      type: 'RunRepaired',
      data: {
        ...{ repairId: 'r1', steps: ['a'], inputs: {}, outputs: { b: { inline: 1 } } },
        ...{ deadlineAt: null, repairedBy: 'user:a', reason: '' },
      },
    };
    const run = fold(runsProjection, started, scheduled('a'), failed, ended, repaired);
    expect(run).toMatchObject({ status: 'running', endedAt: null, error: null });
    expect(run?.steps).toMatchObject({ a: { status: 'pending', attempts: 1, error: null }, b: { status: 'succeeded' } });
  });

  it('shows that a handler works in the place of a step, and what went wrong', () => {
    const caught: RunEvent = { type: 'StepCaught', data: { step: 'a', handler: 0, error: { code: 'X', message: 'broke' } } };
    expect(fold(runsProjection, started, scheduled('a'), caught)?.steps).toMatchObject({ a: { status: 'running', error: { code: 'X' } } });
  });
});
