import { Agent } from '@tutti/agent-sdk';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import { designInfrastructureStep } from '../steps/design-parts.js';
import { infrastructureInput } from '../steps/step-schemas.js';
import { runStep, unknownCapability } from './run-step.js';

/** Nodes, networks, scaling and deployment, wherever the input lets the system run. */
export class CloudArchitectAgent extends Agent {
  public override async processTask(task: AgentTask, context: AgentContext): ReturnType<Agent['processTask']> {
    context.log('info', `offline engine works on ${task.capability}`, { attempt: task.attempt });
    return Promise.resolve().then(() => {
      if (task.capability !== 'architecture.infrastructure') throw unknownCapability(task, ['architecture.infrastructure']);
      return runStep(task, infrastructureInput, designInfrastructureStep);
    });
  }
}
