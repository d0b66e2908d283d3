import { Agent } from '@tutti/agent-sdk';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import { designServiceStep } from '../steps/design-parts.js';
import { serviceDesignInput } from '../steps/step-schemas.js';
import { runStep, unknownCapability } from './run-step.js';

/** Containers, interfaces, communication and the C4 diagrams of levels 2 and 3. */
export class BackendArchitectAgent extends Agent {
  public override async processTask(task: AgentTask, context: AgentContext): ReturnType<Agent['processTask']> {
    context.log('info', `offline engine works on ${task.capability}`, { attempt: task.attempt });
    return Promise.resolve().then(() => {
      if (task.capability !== 'architecture.services') throw unknownCapability(task, ['architecture.services']);
      return runStep(task, serviceDesignInput, designServiceStep);
    });
  }
}
