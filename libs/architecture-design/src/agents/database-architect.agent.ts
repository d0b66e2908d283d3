import { Agent } from '@tutti/agent-sdk';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import { designDataStep } from '../steps/design-parts.js';
import { dataInput } from '../steps/step-schemas.js';
import { runStep, unknownCapability } from './run-step.js';

/** Entities, stores, flows and, where the input speaks of existing data, migration. */
export class DatabaseArchitectAgent extends Agent {
  public override async processTask(task: AgentTask, context: AgentContext): ReturnType<Agent['processTask']> {
    context.log('info', `offline engine works on ${task.capability}`, { attempt: task.attempt });
    return Promise.resolve().then(() => {
      if (task.capability !== 'architecture.data') throw unknownCapability(task, ['architecture.data']);
      return runStep(task, dataInput, designDataStep);
    });
  }
}
