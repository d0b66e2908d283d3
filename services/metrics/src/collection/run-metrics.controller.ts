import { Controller, Inject } from '@nestjs/common';
import { OnRunEvent, type RunEventContext, type RunEventOf } from '@tutti/service-process/follower';
import { RunMetrics } from './run-metrics.js';

/** Which events count as what. */
@Controller()
export class RunMetricsController {
  constructor(@Inject(RunMetrics) private readonly metrics: RunMetrics) {}

  @OnRunEvent('RunStarted')
  runStarted({ data }: RunEventOf<'RunStarted'>, { runId, atMs }: RunEventContext): void {
    this.metrics.runStarted(runId, data.workflow, atMs);
  }

  @OnRunEvent('RunSucceeded')
  runSucceeded(_: RunEventOf<'RunSucceeded'>, { runId, atMs }: RunEventContext): void {
    this.metrics.runEnded(runId, 'succeeded', atMs);
  }

  @OnRunEvent('RunFailed')
  runFailed(_: RunEventOf<'RunFailed'>, { runId, atMs }: RunEventContext): void {
    this.metrics.runEnded(runId, 'failed', atMs);
  }

  @OnRunEvent('RunCancelled')
  runCancelled(_: RunEventOf<'RunCancelled'>, { runId, atMs }: RunEventContext): void {
    this.metrics.runEnded(runId, 'cancelled', atMs);
  }

  @OnRunEvent('TaskScheduled')
  taskScheduled({ data }: RunEventOf<'TaskScheduled'>, { runId, atMs }: RunEventContext): void {
    const { task, capability, assignment } = data;
    this.metrics.taskScheduled(runId, task, capability, atMs);
    if (assignment !== null) this.metrics.taskAssigned(runId, task, assignment.agent, atMs);
  }

  @OnRunEvent('TaskAssigned')
  taskAssigned({ data }: RunEventOf<'TaskAssigned'>, { runId, atMs }: RunEventContext): void {
    this.metrics.taskAssigned(runId, data.task, data.assignment.agent, atMs);
  }

  @OnRunEvent('TaskSucceeded')
  taskSucceeded({ data }: RunEventOf<'TaskSucceeded'>, { runId, atMs }: RunEventContext): void {
    this.metrics.attemptEnded(runId, data.task, 'succeeded', atMs);
  }

  @OnRunEvent('TaskAttemptFailed')
  attemptFailed({ data }: RunEventOf<'TaskAttemptFailed'>, { runId, atMs }: RunEventContext): void {
    this.metrics.attemptEnded(runId, data.task, data.cause, atMs);
  }

  @OnRunEvent('TaskCancelled')
  taskCancelled({ data }: RunEventOf<'TaskCancelled'>, { runId, atMs }: RunEventContext): void {
    this.metrics.attemptEnded(runId, data.task, 'cancelled', atMs);
  }

  @OnRunEvent('TaskResultSuperseded')
  resultSuperseded({ data }: RunEventOf<'TaskResultSuperseded'>): void {
    this.metrics.resultSuperseded(data.outcome);
  }

  @OnRunEvent('GateEvaluated')
  gateEvaluated({ data }: RunEventOf<'GateEvaluated'>): void {
    this.metrics.gateEvaluated(data.gateType, data.passed, data.action);
  }

  @OnRunEvent('ApprovalRequested')
  approvalRequested(): void {
    this.metrics.approval('requested');
  }

  @OnRunEvent('ApprovalDecided')
  approvalDecided({ data }: RunEventOf<'ApprovalDecided'>): void {
    this.metrics.approval(data.approved ? 'approved' : 'rejected');
  }

  @OnRunEvent('ApprovalExpired')
  approvalExpired(): void {
    this.metrics.approval('expired');
  }
}
