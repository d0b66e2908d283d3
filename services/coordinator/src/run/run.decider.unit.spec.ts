import { describe, expect, it } from '@jest/globals';
import { runEvents, type RunEvent, type TaskAssignment } from '@tutti/contracts';
import { compileDefinition } from '../definition/compile-definition.js';
import type { RunCommand, TaskOutcome } from './run.commands.js';
import { createRunDecider } from './run.decider.js';
import { evolveRun } from './run.evolve.js';
import { initialRunState } from './run.state.js';

const compiled = compileDefinition(`
name: wf
steps:
  a: {capability: work, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}, gates: [{name: ok, type: approval, title: ok?}]}
  b: {capability: work, needs: a}
`);
if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
const decider = createRunDecider({ ...compiled.plan, version: 1 });

const [HASH, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const seat: TaskAssignment = {
  worker: 'w',
  agent: 'x',
  agentVersion: '1',
  deadlineAt: '1970-01-01T00:00:05.000Z',
  reason: '',
  candidates: [],
};
const started: RunEvent = {
  type: 'RunStarted',
  data: {
    ...{ runId: 'r', workflow: 'wf', workflowVersion: 1, definitionHash: HASH, inputs: { inline: {} }, labels: {} },
    ...{ idempotencyKey: 'k', requestHash: HASH, startedBy: 'user:a' },
  },
};
const scheduled: RunEvent = {
  type: 'TaskScheduled',
  data: {
    ...{ task: 'a', step: 'a', index: null, capability: 'work', pinnedAgent: null, input: { inline: null }, timeoutMs: null },
    ...{ feedback: [], attempt: 1, assignment: seat },
  },
};
const succeeded: RunEvent = { type: 'TaskSucceeded', data: { task: 'a', attempt: 1, output: { inline: 1 }, durationMs: 1 } };
const asked: RunEvent = {
  type: 'ApprovalRequested',
  data: { approvalId: 'r.a.ok.1', step: 'a', gate: 'ok', title: 'ok?', payload: { inline: 1 }, payloadHash: HASH },
};
const ok: TaskOutcome = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 };
const failed: TaskOutcome = { outcome: 'failed', error: { code: 'X', message: 'x', retryable: true }, durationMs: 1 };
const result = (outcome: TaskOutcome, attempt = 1) => ({ type: 'RecordResult', task: 'a', attempt, outcome }) as const;
const approve = (approved = true, payloadHash = HASH, actor = 'user:b') =>
  ({ type: 'DecideApproval', approvalId: 'r.a.ok.1', approved, payloadHash, actor, reason: '' }) as const;
const lose = (maxLost = 50, attempt = 1) => ({ type: 'LoseAttempt', task: 'a', attempt, reason: 'gone', maxLost }) as const;
const cancel = { type: 'CancelRun', actor: 'user:a', reason: 'enough' } as const;

type Instruction = RunCommand extends infer C ? (C extends RunCommand ? Omit<C, 'nowMs' | 'random'> : never) : never;

/** What the command decides after these events, and what it decides when it comes again. */
function given(...events: readonly RunEvent[]) {
  const state = events.reduce(evolveRun, initialRunState());
  const when = (command: Instruction, nowMs = 0): readonly RunEvent[] => {
    const decided = decider.decide({ ...command, nowMs, random: 0 }, state);
    decided.forEach((event) => evolveRun(state, event));
    return decided;
  };
  const types = (command: Instruction, nowMs = 0): readonly string[] => when(command, nowMs).map(({ type }) => type);
  return { when, types, state };
}

const start = { type: 'StartRun', ...started.data, actor: 'user:a' } as const;

describe('the run decider', () => {
  it('starts once, takes a repeat for the same, and refuses the key for another request', () => {
    const run = given();
    expect(run.types(start)).toEqual(['RunStarted']);
    expect(run.types(start)).toEqual([]);
    expect(() => run.when({ ...start, requestHash: OTHER })).toThrow(expect.objectContaining({ code: 'IDEMPOTENCY_CONFLICT' }));
  });

  it('refuses everything for a run that does not exist', () => {
    expect(() => given().when(cancel)).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }));
  });

  it('records a result once', () => {
    const run = given(started, scheduled);
    expect(run.types(result(ok))).toEqual(['TaskSucceeded']);
    expect(run.types(result(ok))).toEqual([]);
  });

  it('records a failure once, with the time of the next attempt', () => {
    const run = given(started, scheduled);
    expect(run.when(result(failed))).toMatchObject([{ data: { cause: 'error', retryAt: '1970-01-01T00:00:01.000Z' } }]);
    expect(run.types(result(failed))).toEqual([]);
  });

  it('plans no attempt after the last, nor after a failure that is final', () => {
    const final: TaskOutcome = { ...failed, error: { code: 'X', message: 'x', retryable: false } };
    expect(given(started, scheduled).when(result(final))).toMatchObject([{ data: { retryAt: null } }]);
    const run = given(started, scheduled);
    run.when(result(failed));
    run.when({ type: 'AssignTask', task: 'a', attempt: 2, assignment: seat });
    expect(run.when(result(failed, 2))).toMatchObject([{ data: { attempt: 2, retryAt: null } }]);
  });

  it('records a result of an earlier attempt as superseded, once', () => {
    const run = given(started, scheduled);
    run.when(lose());
    run.when({ type: 'AssignTask', task: 'a', attempt: 2, assignment: seat });
    expect(run.types(result(ok))).toEqual(['TaskResultSuperseded']);
    expect(run.types(result(ok))).toEqual([]);
    expect(run.types(result(ok, 2))).toEqual(['TaskSucceeded']);
  });

  it('takes an assignment only for the attempt that comes next', () => {
    const run = given(started, scheduled);
    expect(run.types({ type: 'AssignTask', task: 'a', attempt: 1, assignment: seat })).toEqual([]);
    run.when(lose());
    expect(run.types({ type: 'AssignTask', task: 'a', attempt: 3, assignment: seat })).toEqual([]);
    expect(run.types({ type: 'AssignTask', task: 'a', attempt: 2, assignment: seat })).toEqual(['TaskAssigned']);
  });

  it('gives a lost attempt away at once, up to a limit, and no other attempt than the one named', () => {
    expect(given(started, scheduled).when(lose(), 7_000)).toMatchObject([{ data: { cause: 'lost', retryAt: '1970-01-01T00:00:07.000Z' } }]);
    expect(given(started, scheduled).when(lose(0))).toMatchObject([{ data: { retryAt: null } }]);
    expect(given(started, scheduled).when(lose(50, 2))).toEqual([]);
  });

  it('ends an attempt at its deadline and not before', () => {
    const run = given(started, scheduled);
    expect(run.when({ type: 'Tick' }, 4_999)).toEqual([]);
    expect(run.when({ type: 'Tick' }, 5_000)).toMatchObject([{ data: { cause: 'timeout', error: { code: 'TIMED_OUT' } } }]);
    expect(run.when({ type: 'Tick' }, 5_000)).toEqual([]);
  });

  it('binds an approval to its payload and takes the same decision again', () => {
    const run = given(started, scheduled, succeeded, asked);
    expect(() => run.when(approve(true, OTHER))).toThrow(expect.objectContaining({ code: 'PAYLOAD_CHANGED' }));
    expect(run.types(approve())).toEqual(['ApprovalDecided', 'GateEvaluated']);
    expect(run.types(approve())).toEqual([]);
    expect(() => run.when(approve(false))).toThrow(expect.objectContaining({ code: 'APPROVAL_DECIDED' }));
    expect(() => run.when(approve(true, HASH, 'user:c'))).toThrow(expect.objectContaining({ code: 'APPROVAL_DECIDED' }));
  });

  it('fails the step whose approval is rejected', () => {
    expect(given(started, scheduled, succeeded, asked).types(approve(false))).toEqual(['ApprovalDecided', 'GateEvaluated', 'StepFailed']);
  });

  it('calls back what is out when it is cancelled, once, and decides no approval after', () => {
    expect(given(started, scheduled).types(cancel)).toEqual(['TaskCancelled', 'RunCancelled']);
    const run = given(started, scheduled, succeeded, asked);
    expect(run.types(cancel)).toEqual(['ApprovalVoided', 'RunCancelled']);
    expect(run.types(cancel)).toEqual([]);
    expect(() => run.when(approve())).toThrow(expect.objectContaining({ code: 'RUN_ENDED' }));
  });

  it('starts no step whose need went back while its start was found out', () => {
    const needEnded: RunEvent = { type: 'StepSucceeded', data: { step: 'a' } };
    const reset: RunEvent = { type: 'StepsReset', data: { steps: ['a'], target: 'a', because: { step: 'a', gate: 'ok' }, feedback: [] } };
    const task = { kind: 'task', step: 'b', index: null, input: { inline: null }, assignment: seat } as const;
    const advance = { type: 'Advance', resolution: task } as const;
    expect(given(started, scheduled, succeeded, needEnded, reset).types(advance)).toEqual([]);
    expect(given(started, scheduled, succeeded, needEnded).types(advance)).toEqual(['TaskScheduled']);
  });

  it.each(Object.keys(runEvents) as (keyof typeof runEvents)[])('takes %s for what it does not know without a throw', (type) => {
    const values = { items: { inline: [] }, payload: { inline: null }, assignment: seat };
    const strange = { type, data: { step: 'z', task: 'z', approvalId: 'z', attempt: 1, steps: [], dropped: [], count: 1, ...values } };
    expect(() => evolveRun(initialRunState(), strange as unknown as RunEvent)).not.toThrow();
  });
});
