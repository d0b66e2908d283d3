import { Agent } from '@tutti/agent-sdk';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import { reviewSecurityStep } from '../steps/design-parts.js';
import { securityInput } from '../steps/step-schemas.js';
import { runStep, unknownCapability } from './run-step.js';

/** Threats, controls and open findings, with a verdict. */
export class SecurityAuditorAgent extends Agent {
  public override async processTask(task: AgentTask, context: AgentContext): ReturnType<Agent['processTask']> {
    context.log('info', `offline engine works on ${task.capability}`, { attempt: task.attempt });
    return Promise.resolve().then(() => {
      if (task.capability !== 'architecture.security') throw unknownCapability(task, ['architecture.security']);
      return runStep(task, securityInput, reviewSecurityStep);
    });
  }
}
