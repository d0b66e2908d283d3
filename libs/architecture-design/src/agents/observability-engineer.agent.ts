import { Agent } from '@tutti/agent-sdk';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import { designObservabilityStep } from '../steps/design-parts.js';
import { observabilityInput } from '../steps/step-schemas.js';
import { runStep, unknownCapability } from './run-step.js';

/** Objectives, logs, metrics, traces and alerts. */
export class ObservabilityEngineerAgent extends Agent {
  public override async processTask(task: AgentTask, context: AgentContext): ReturnType<Agent['processTask']> {
    context.log('info', `offline engine works on ${task.capability}`, { attempt: task.attempt });
    return Promise.resolve().then(() => {
      if (task.capability !== 'architecture.observability') throw unknownCapability(task, ['architecture.observability']);
      return runStep(task, observabilityInput, designObservabilityStep);
    });
  }
}
