import { Agent, type AgentTask } from '@tutti/agent-sdk';
import { z } from 'zod';
import { planMilestone } from '../plan/plan-milestone.js';
import { givenPlan, milestone } from '../plan/plan.schema.js';
import { preparePlan } from '../plan/prepare-plan.js';
import { reportMilestone } from '../report/report-milestone.js';
import { answer, unknownCapability } from './answer.js';

const prepareInput = z.object({ plan: givenPlan });
const planInput = z.object({ milestone });
const reportInput = z.object({ milestone, deliverables: z.array(z.object({ name: z.string(), delivered: z.unknown().optional() })) });

/** Checks the plan, plans the tasks of a milestone, reports on what they delivered. */
export class DeliveryPlannerAgent extends Agent {
  override async processTask(task: AgentTask): ReturnType<Agent['processTask']> {
    return Promise.resolve().then(() => {
      switch (task.capability) {
        case 'delivery.prepare':
          return answer(task, prepareInput, ({ plan }) => preparePlan(plan));
        case 'delivery.plan':
          return answer(task, planInput, (input) => planMilestone(input.milestone, task.feedback));
        case 'delivery.report':
          return answer(task, reportInput, (input) => reportMilestone(input.milestone, input.deliverables));
        default:
          throw unknownCapability(task, ['delivery.prepare', 'delivery.plan', 'delivery.report']);
      }
    });
  }
}
