import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { Registry } from 'prom-client';
import { RunMetrics } from './run-metrics.js';

const ASSIGNMENT = { agent: 'writer', agentVersion: '1', worker: 'w1' };

describe('the metrics of runs', () => {
  let shown: Registry;
  let metrics: RunMetrics;
  let nowMs: number;
  beforeEach(() => {
    shown = new Registry();
    metrics = new RunMetrics(shown);
    nowMs = 1_000_000;
  });

  const tell = (type: RunEvent['type'], data: object = {}, runId = 'r1'): void =>
    metrics.fold({ runId, atMs: nowMs, event: { type, data } as unknown as RunEvent });
  const value = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> => {
    const metric = await shown.getSingleMetric(name)?.get();
    const wanted = Object.entries(labels);
    return metric?.values.find((one) => wanted.every(([label, text]) => (one.labels as Record<string, unknown>)[label] === text))?.value;
  };
  const sum = async (name: string): Promise<number | undefined> =>
    (await shown.getSingleMetric(name)?.get())?.values.find((one) => (one as { metricName?: string }).metricName === `${name}_sum`)?.value;

  it('count runs by workflow and end, and time them from event to event', async () => {
    tell('RunStarted', { workflow: 'review' });
    expect(await value('tutti_runs_open')).toBe(1);
    nowMs += 2_500;
    tell('RunSucceeded');
    expect(await value('tutti_runs_started_total', { workflow: 'review' })).toBe(1);
    expect(await value('tutti_runs_ended_total', { workflow: 'review', status: 'succeeded' })).toBe(1);
    expect([await sum('tutti_run_duration_seconds'), await value('tutti_runs_open')]).toEqual([2.5, 0]);
  });

  it('count attempts by agent and outcome, apart from the time that they waited for the agent', async () => {
    tell('RunStarted', { workflow: 'review' });
    tell('TaskScheduled', { task: 'draft', capability: 'write', assignment: null });
    nowMs += 4_000;
    tell('TaskAssigned', { task: 'draft', capability: 'write', assignment: ASSIGNMENT });
    nowMs += 1_000;
    tell('TaskAttemptFailed', { task: 'draft', cause: 'timeout' });
    tell('TaskScheduled', { task: 'draft', capability: 'write', assignment: ASSIGNMENT });
    nowMs += 500;
    tell('TaskSucceeded', { task: 'draft' });
    const labels = { capability: 'write', agent: 'writer' };
    expect(await value('tutti_task_attempts_total', { ...labels, outcome: 'timeout' })).toBe(1);
    expect(await value('tutti_task_attempts_total', { ...labels, outcome: 'succeeded' })).toBe(1);
    expect(await sum('tutti_task_wait_seconds')).toBe(4);
    expect(await value('tutti_tasks_open')).toBe(0);
  });

  it('count what ended without having begun here, but do not time it', async () => {
    tell('TaskSucceeded', { task: 'draft' });
    tell('RunFailed');
    expect(await value('tutti_task_attempts_total', { agent: '(unknown)' })).toBe(1);
    expect(await value('tutti_runs_ended_total', { workflow: '(unknown)', status: 'failed' })).toBe(1);
    expect(await sum('tutti_run_duration_seconds')).toBeUndefined();
  });

  it('count work that no agent does without an agent, and never time it as an agent’s', async () => {
    tell('TaskScheduled', { task: 'nap', capability: 'sleep', assignment: null });
    tell('TaskSucceeded', { task: 'nap' });
    expect(await value('tutti_task_attempts_total', { agent: '', outcome: 'succeeded' })).toBe(1);
    expect(await sum('tutti_task_attempt_duration_seconds')).toBeUndefined();
  });

  it('count verdicts of gates, approvals, and results that came too late', async () => {
    tell('GateEvaluated', { gateType: 'schema', passed: false, action: 'retry' });
    tell('ApprovalRequested');
    tell('ApprovalDecided', { approved: false });
    tell('ApprovalExpired');
    tell('TaskResultSuperseded', { outcome: 'succeeded' });
    expect(await value('tutti_gate_verdicts_total', { type: 'schema', passed: 'false', action: 'retry' })).toBe(1);
    expect(await Promise.all(['requested', 'rejected', 'expired'].map((outcome) => value('tutti_approvals_total', { outcome })))).toEqual([
      1, 1, 1,
    ]);
    expect(await value('tutti_task_results_superseded_total', { outcome: 'succeeded' })).toBe(1);
  });

  it('forget the open tasks of a run that has ended', async () => {
    tell('RunStarted', { workflow: 'review' });
    tell('TaskScheduled', { task: 'draft', capability: 'write', assignment: ASSIGNMENT });
    tell('RunCancelled');
    expect(await value('tutti_tasks_open')).toBe(0);
  });
});
