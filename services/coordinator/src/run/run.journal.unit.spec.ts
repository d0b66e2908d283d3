import { describe, expect, it } from '@jest/globals';
import type { RunEvent, TaskAssignment } from '@tutti/contracts';
import { compileDefinition } from '../definition/compile-definition.js';
import type { RunCommand, TaskOutcome } from './run.commands.js';
import { createRunDecider } from './run.decider.js';
import { evolveRun } from './run.evolve.js';
import { initialRunState } from './run.state.js';

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
const scheduled: RunEvent = {
  type: 'TaskScheduled',
  data: {
    ...{ task: 'a', step: 'a', index: null, capability: 'work', pinnedAgent: null, input: { inline: null }, timeoutMs: null },
    ...{ feedback: [], attempt: 1, assignment: seat },
  },
};
const ok: TaskOutcome = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 };
const failed: TaskOutcome = { outcome: 'failed', error: { code: 'X', message: 'x', retryable: true }, durationMs: 1 };

/** A run at its first attempt of a step that is written so. */
function runOf(step: string) {
  const compiled = compileDefinition(`name: wf\nsteps:\n  a: {capability: work, ${step}}\n`);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const decider = createRunDecider({ ...compiled.plan, version: 1 });
  const state = [started, scheduled].reduce(evolveRun, initialRunState());
  const when = (command: object, nowMs = 0): readonly RunEvent[] => {
    const decided = decider.decide({ ...command, nowMs, random: 0 } as RunCommand, state);
    decided.forEach((event) => evolveRun(state, event));
    return decided;
  };
  let attempt = 1;
  return {
    ends: (outcome: TaskOutcome) => when({ type: 'RecordResult', task: 'a', attempt, outcome }),
    isLost: () => when({ type: 'LoseAttempt', task: 'a', attempt, reason: 'gone', maxLost: 9 }),
    runsOutOfTime: () => when({ type: 'Tick' }, 6_000),
    isSentBack: () => {
      const refused = { kind: 'gate', step: 'a', gate: 0, passed: false, message: 'no', evidence: null };
      return when({ type: 'Advance', resolution: refused });
    },
    again: () => when({ type: 'AssignTask', task: 'a', attempt: ++attempt, assignment: seat }),
    journalFrom: () => state.tasks.get('a')?.journalFrom,
  };
}

const gate = (onFail: string) => `gates: [{name: g, type: expression, expression: '\${{ output }}', onFail: ${onFail}}]`;

describe('the journal of a task', () => {
  it('is kept for the attempt after an error unless the step says otherwise', () => {
    const run = runOf('retry: {maxAttempts: 3}');
    expect(run.journalFrom()).toBe(1);
    expect(run.ends(failed)[0]?.data).not.toHaveProperty('journal');
    expect(run.journalFrom()).toBe(1);
  });

  it('begins anew after an error where the step says so, and stays so when the new attempt is lost', () => {
    const run = runOf('retry: {maxAttempts: 3, journal: reset}');
    expect(run.ends(failed)).toMatchObject([{ data: { journal: 'reset' } }]);
    run.again();
    run.isLost();
    run.again();
    expect(run.journalFrom()).toBe(2);
  });

  it('is kept for the attempt after one that was lost or out of time, whatever the step says of errors', () => {
    const [lost, late] = [runOf('retry: {maxAttempts: 3, journal: reset}'), runOf('retry: {maxAttempts: 3, journal: reset}')];
    expect(lost.isLost()).toMatchObject([{ type: 'TaskAttemptFailed' }]);
    expect(late.runsOutOfTime()).toMatchObject([{ data: { cause: 'timeout' } }]);
    expect([lost.journalFrom(), late.journalFrom()]).toEqual([1, 1]);
  });

  it('begins anew when the output does not match its schema, which recorded steps would lead to once more', () => {
    const run = runOf('retry: {maxAttempts: 3}');
    expect(run.ends({ ...failed, problems: [{ path: '', message: 'no' }] })).toMatchObject([{ data: { journal: 'reset' } }]);
    expect(run.journalFrom()).toBe(2);
  });

  it('begins anew when a gate sends the task back, unless the gate keeps it', () => {
    const [anew, kept] = [runOf(gate('{action: retry}')), runOf(gate('{action: retry, journal: keep}'))];
    for (const run of [anew, kept]) {
      run.ends(ok);
      expect(run.isSentBack()).toMatchObject([{ type: 'GateEvaluated' }, { data: { cause: 'gate' } }]);
    }
    expect([anew.journalFrom(), kept.journalFrom()]).toEqual([2, 1]);
  });
});
