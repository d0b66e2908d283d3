import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { followInMemory, type FollowedInMemory } from '@tutti/service-process/testing';
import { Registry } from 'prom-client';
import { RunMetricsController } from './run-metrics.controller.js';
import { RunMetrics } from './run-metrics.js';

const ASSIGNMENT = { agent: 'writer', agentVersion: '1', worker: 'w1' };

describe('the metrics of runs', () => {
  let shown: Registry;
  let followed: FollowedInMemory;
  beforeEach(async () => {
    shown = new Registry();
    const providers = [{ provide: RunMetrics, useValue: new RunMetrics(shown) }];
    followed = await followInMemory({ controllers: [RunMetricsController], providers });
  });
  afterEach(async () => {
    expect(followed.server.failures).toBe(0);
    await followed.close();
  });

  const tell: FollowedInMemory['record'] = (...recorded) => followed.record(...recorded);
  const value = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> => {
    const metric = await shown.getSingleMetric(name)?.get();
    const wanted = Object.entries(labels);
    return metric?.values.find((one) => wanted.every(([label, text]) => (one.labels as Record<string, unknown>)[label] === text))?.value;
  };
  const sum = async (name: string): Promise<number | undefined> =>
    (await shown.getSingleMetric(name)?.get())?.values.find((one) => (one as { metricName?: string }).metricName === `${name}_sum`)?.value;

  it('count runs by workflow and end, and time them from event to event', async () => {
    await tell('RunStarted', { workflow: 'review' });
    expect(await value('tutti_runs_open')).toBe(1);
    await followed.runtime.advance(2_500);
    await tell('RunSucceeded');
    expect(await value('tutti_runs_started_total', { workflow: 'review' })).toBe(1);
    expect(await value('tutti_runs_ended_total', { workflow: 'review', status: 'succeeded' })).toBe(1);
    expect([await sum('tutti_run_duration_seconds'), await value('tutti_runs_open')]).toEqual([2.5, 0]);
  });

  it('count attempts by agent and outcome, apart from the time that they waited for the agent', async () => {
    await tell('RunStarted', { workflow: 'review' });
    await tell('TaskScheduled', { task: 'draft', capability: 'write', assignment: null });
    await followed.runtime.advance(4_000);
    await tell('TaskAssigned', { task: 'draft', capability: 'write', assignment: ASSIGNMENT });
    await followed.runtime.advance(1_000);
    await tell('TaskAttemptFailed', { task: 'draft', cause: 'timeout' });
    await tell('TaskScheduled', { task: 'draft', capability: 'write', assignment: ASSIGNMENT });
    await followed.runtime.advance(500);
    await tell('TaskSucceeded', { task: 'draft' });
    const labels = { capability: 'write', agent: 'writer' };
    expect(await value('tutti_task_attempts_total', { ...labels, outcome: 'timeout' })).toBe(1);
    expect(await value('tutti_task_attempts_total', { ...labels, outcome: 'succeeded' })).toBe(1);
    expect(await sum('tutti_task_wait_seconds')).toBe(4);
    expect(await value('tutti_tasks_open')).toBe(0);
  });

  it('count what ended without having begun here, but do not time it', async () => {
    await tell('TaskSucceeded', { task: 'draft' });
    await tell('RunFailed');
    expect(await value('tutti_task_attempts_total', { agent: '(unknown)' })).toBe(1);
    expect(await value('tutti_runs_ended_total', { workflow: '(unknown)', status: 'failed' })).toBe(1);
    expect(await sum('tutti_run_duration_seconds')).toBeUndefined();
  });

  it('count work that no agent does without an agent, and never time it as an agent’s', async () => {
    await tell('TaskScheduled', { task: 'nap', capability: 'sleep', assignment: null });
    await tell('TaskSucceeded', { task: 'nap' });
    expect(await value('tutti_task_attempts_total', { agent: '', outcome: 'succeeded' })).toBe(1);
    expect(await sum('tutti_task_attempt_duration_seconds')).toBeUndefined();
  });

  it('count verdicts of gates, approvals, and results that came too late', async () => {
    await tell('GateEvaluated', { gateType: 'schema', passed: false, action: 'retry' });
    await tell('ApprovalRequested');
    await tell('ApprovalDecided', { approved: false });
    await tell('ApprovalExpired');
    await tell('TaskResultSuperseded', { outcome: 'succeeded' });
    expect(await value('tutti_gate_verdicts_total', { type: 'schema', passed: 'false', action: 'retry' })).toBe(1);
    expect(await Promise.all(['requested', 'rejected', 'expired'].map((outcome) => value('tutti_approvals_total', { outcome })))).toEqual([
      1, 1, 1,
    ]);
    expect(await value('tutti_task_results_superseded_total', { outcome: 'succeeded' })).toBe(1);
  });

  it('forget the open tasks of a run that has ended', async () => {
    await tell('RunStarted', { workflow: 'review' });
    await tell('TaskScheduled', { task: 'draft', capability: 'write', assignment: ASSIGNMENT });
    await tell('RunCancelled');
    expect(await value('tutti_tasks_open')).toBe(0);
  });
});
