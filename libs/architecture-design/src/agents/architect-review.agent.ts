import { Agent } from '@tutti/agent-sdk';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import { analyseContext } from '../steps/analyse-context.js';
import { designHighLevel } from '../steps/design-high-level.js';
import { recordDecisions } from '../steps/record-decisions.js';
import { contextInput, decisionsInput, highLevelInput } from '../steps/step-schemas.js';
import { runStep, unknownCapability } from './run-step.js';

/** Lead architect: context, high-level design, decisions and the whole document. */
export class ArchitectReviewAgent extends Agent {
  public override async processTask(task: AgentTask, context: AgentContext): ReturnType<Agent['processTask']> {
    context.log('info', `offline engine works on ${task.capability}`, { attempt: task.attempt });
    return Promise.resolve().then(() => {
      switch (task.capability) {
        case 'architecture.context':
          return runStep(task, contextInput, analyseContext);
        case 'architecture.high-level':
          return runStep(task, highLevelInput, designHighLevel);
        case 'architecture.decisions':
          return runStep(task, decisionsInput, recordDecisions);
        default:
          throw unknownCapability(task, ['architecture.context', 'architecture.high-level', 'architecture.decisions']);
      }
    });
  }
}
