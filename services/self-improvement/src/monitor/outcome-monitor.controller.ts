import { Controller, Inject } from '@nestjs/common';
import { OnRunEvent, type RunEventContext, type RunEventOf } from '@tutti/service-process/follower';
import { OutcomeMonitor } from './outcome-monitor.js';

/** Which events say something of an agent. */
@Controller()
export class OutcomeMonitorController {
  constructor(@Inject(OutcomeMonitor) private readonly monitor: OutcomeMonitor) {}

  @OnRunEvent('TaskScheduled', 'TaskAssigned')
  assigned({ data }: RunEventOf<'TaskScheduled' | 'TaskAssigned'>, { runId }: RunEventContext): void {
    const { task, capability, assignment } = data;
    if (assignment === null) return;
    this.monitor.began(runId, task, { capability, agent: assignment.agent, agentVersion: assignment.agentVersion });
  }

  @OnRunEvent('TaskSucceeded')
  succeeded({ data }: RunEventOf<'TaskSucceeded'>, { runId, atMs }: RunEventContext): void {
    this.monitor.ended(runId, data.task, false, atMs);
  }

  @OnRunEvent('TaskAttemptFailed')
  failed({ data }: RunEventOf<'TaskAttemptFailed'>, { runId, atMs }: RunEventContext): void {
    if (data.cause === 'lost') this.monitor.dropped(runId, data.task);
    else this.monitor.ended(runId, data.task, true, atMs);
  }

  @OnRunEvent('TaskCancelled')
  cancelled({ data }: RunEventOf<'TaskCancelled'>, { runId }: RunEventContext): void {
    this.monitor.dropped(runId, data.task);
  }
}
