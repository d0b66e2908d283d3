import { Inject, Injectable } from '@nestjs/common';
import { upcast, workflowEvents, type WorkflowEvent } from '@tutti/contracts';
import { handleCommand, type CommandOutcome, type EventStore } from '@tutti/event-store';
import { eventMetadata, newEvent, type NewEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { EVENT_STORE, RUNTIME } from '@tutti/service-kit';
import { PlanCatalog } from './plan-catalog.js';
import { workflowDecider, type WorkflowCommand } from './workflow.decider.js';
import type { WorkflowState } from './workflow.state.js';

/** Decides on a workflow's stream, and makes what was decided known to whoever starts runs here. */
@Injectable()
export class WorkflowStreams {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  /** @throws TuttiError what the decider refuses, or what the store says */
  async handle(command: WorkflowCommand, actor: string): Promise<CommandOutcome<WorkflowState, WorkflowEvent>> {
    const outcome = await handleCommand(this.store, {
      stream: `workflow-${command.name}`,
      decider: workflowDecider,
      command,
      encode: (event) => this.encode(event, actor),
      decode: (recorded: RecordedEvent) => upcast(recorded) as unknown as WorkflowEvent,
    });
    await this.plans.refresh(command.name);
    return outcome;
  }

  private encode(event: WorkflowEvent, actor: string): NewEvent {
    const metadata = eventMetadata({ correlationId: `workflow-${event.data.name}`, actor });
    return newEvent(this.runtime.ids.next(), workflowEvents[event.type], event.data, metadata);
  }
}
