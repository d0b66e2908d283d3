import { describe, expect, it } from '@jest/globals';
import type { RunEvent, TaskAssignment } from '@tutti/contracts';
import { compileDefinition } from '../definition/compile-definition.js';
import type { RunCommand } from './run.commands.js';
import { createRunDecider } from './run.decider.js';
import { evolveRun } from './run.evolve.js';
import { openRequests } from './run.progress.js';
import { initialRunState } from './run.state.js';

const compiled = compileDefinition(`
name: wf
steps:
  a: {capability: work, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}, gates: [{name: ok, type: approval, title: ok?}]}
  b: {capability: work, needs: a}
`);
if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
const plan = { ...compiled.plan, version: 1 };
const decider = createRunDecider(plan);

const HASH = 'a'.repeat(64);
const seat: TaskAssignment = {
  ...{ worker: 'w', agent: 'x', agentVersion: '1', deadlineAt: '1970-01-01T00:00:05.000Z', reason: '', candidates: [] },
};
const started: RunEvent = {
  type: 'RunStarted',
  data: {
    ...{ runId: 'r', workflow: 'wf', workflowVersion: 1, definitionHash: HASH, inputs: { inline: {} }, labels: {} },
    ...{ idempotencyKey: null, requestHash: HASH, startedBy: 'user:a' },
  },
};
const scheduled = (assignment: TaskAssignment | null): RunEvent => ({
  type: 'TaskScheduled',
  data: {
    ...{ task: 'a', step: 'a', index: null, capability: 'work', pinnedAgent: null, input: { inline: null }, timeoutMs: null },
    ...{ feedback: [], attempt: 1, assignment },
  },
});
const succeeded: RunEvent = { type: 'TaskSucceeded', data: { task: 'a', attempt: 1, output: { inline: 1 }, durationMs: 1 } };
const asked: RunEvent = {
  type: 'ApprovalRequested',
  data: { approvalId: 'r.a.ok.1', step: 'a', gate: 'ok', title: 'ok?', payload: { inline: 1 }, payloadHash: HASH },
};
const paused: RunEvent = { type: 'RunPaused', data: { pausedBy: 'user:a', reason: 'wait' } };
const ended: RunEvent = { type: 'RunCancelled', data: { cancelledBy: 'user:a', reason: '' } };

const pause = { type: 'PauseRun', actor: 'user:a', reason: 'wait' } as const;
const resume = { type: 'ResumeRun', actor: 'user:b', reason: 'go' } as const;
const approve = (approved: boolean) =>
  ({ type: 'DecideApproval', approvalId: 'r.a.ok.1', approved, payloadHash: HASH, actor: 'user:b', reason: '' }) as const;
const advance = { type: 'Advance', resolution: null } as const;

type Instruction = RunCommand extends infer C ? (C extends RunCommand ? Omit<C, 'nowMs' | 'random'> : never) : never;

function given(...events: readonly RunEvent[]) {
  const state = events.reduce(evolveRun, initialRunState());
  const when = (command: Instruction, nowMs = 0): readonly RunEvent[] => {
    const decided = decider.decide({ ...command, nowMs, random: 0 }, state);
    decided.forEach((event) => evolveRun(state, event));
    return decided;
  };
  const types = (command: Instruction, nowMs = 0): readonly string[] => when(command, nowMs).map(({ type }) => type);
  const asks = (nowMs = 0): readonly string[] => openRequests(plan, state, nowMs, 64, () => false).map(({ kind }) => kind);
  return { when, types, asks, state };
}

describe('a paused run', () => {
  it('is paused once with actor and reason, and resumed once', () => {
    const run = given(started);
    expect(run.when(pause)).toEqual([paused]);
    expect(run.when(pause)).toEqual([]);
    expect(run.when(resume)).toEqual([{ type: 'RunResumed', data: { resumedBy: 'user:b', reason: 'go' } }]);
    expect([run.when(resume), run.state.status]).toEqual([[], 'running']);
  });

  it.each([pause, resume])('cannot come from a run that has ended: $type', (command) => {
    expect(() => given(started, ended).when(command)).toThrow(expect.objectContaining({ code: 'RUN_ENDED' }));
  });

  it('asks for nothing, and asks for the same as before once it goes on', () => {
    const run = given(started);
    const before = run.asks();
    run.when(pause);
    expect([before, run.asks(), run.types(advance)]).toEqual([['start'], [], []]);
    run.when(resume);
    expect(run.asks()).toEqual(before);
  });

  it('takes no seat for a task that waits', () => {
    const run = given(started, scheduled(null), paused);
    const assign = { type: 'AssignTask', task: 'a', attempt: 1, assignment: seat } as const;
    expect(run.types(assign)).toEqual([]);
    run.when(resume);
    expect(run.types(assign)).toEqual(['TaskAssigned']);
  });

  it('records the result of an attempt under way, and asks its gate only when it goes on', () => {
    const run = given(started, scheduled(seat), paused);
    const outcome = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 } as const;
    expect(run.types({ type: 'RecordResult', task: 'a', attempt: 1, outcome })).toEqual(['TaskSucceeded']);
    expect(run.asks()).toEqual([]);
    run.when(resume);
    expect(run.asks()).toEqual(['gate']);
  });

  it('ends an attempt at its deadline, and tries again only when it goes on', () => {
    const run = given(started, scheduled(seat), paused);
    expect([run.types({ type: 'Tick' }, 4_999), run.types({ type: 'Tick' }, 5_000)]).toEqual([[], ['TaskAttemptFailed']]);
    expect(run.asks(60_000)).toEqual([]);
    run.when(resume);
    expect(run.asks(60_000)).toEqual(['reassign']);
  });

  it('gives a lost attempt up, and away only when it goes on', () => {
    const run = given(started, scheduled(seat), paused);
    expect(run.types({ type: 'LoseAttempt', task: 'a', attempt: 1, reason: 'gone', maxLost: 5 })).toEqual(['TaskAttemptFailed']);
    expect(run.asks()).toEqual([]);
  });

  it('records a decision, and goes on with it only when it is resumed', () => {
    const run = given(started, scheduled(seat), succeeded, asked, paused);
    expect(run.types(approve(true))).toEqual(['ApprovalDecided', 'GateEvaluated']);
    expect([run.types(advance), run.asks()]).toEqual([[], []]);
    run.when(resume);
    expect([run.types(advance), run.asks()]).toEqual([['StepSucceeded'], ['start']]);
  });

  it('fails with a rejected step only when it is resumed', () => {
    const run = given(started, scheduled(seat), succeeded, asked, paused);
    expect(run.types(approve(false))).toEqual(['ApprovalDecided', 'GateEvaluated', 'StepFailed']);
    expect(run.types(advance)).toEqual([]);
    run.when(resume);
    expect(run.types(advance)).toEqual(['StepSkipped']);
    expect(run.types(advance)).toEqual(['RunFailed']);
  });

  it('is cancelled, with what it has out', () => {
    expect(given(started, scheduled(seat), paused).types({ type: 'CancelRun', actor: 'user:a', reason: '' })).toEqual([
      'TaskCancelled',
      'RunCancelled',
    ]);
  });
});
