import { Agent, type AgentTask } from '@tutti/agent-sdk';
import { z } from 'zod';
import { reviews } from '../plan/plan.schema.js';
import { reviewCost, reviewMeasures, reviewPillars, reviewThreats } from '../reviews/reviews.js';
import { verdictOf } from '../reviews/verdict.js';
import { deliverable } from '../work/deliverable.js';
import { answer } from './answer.js';

const output = z.object({ deliverables: z.array(deliverable) });
const { wellArchitected, security, performance, cost } = reviews.shape;

/** Judges whether the pillars that were asked for are covered. */
export class WellArchitectedReviewerAgent extends Agent {
  override async processTask(task: AgentTask): ReturnType<Agent['processTask']> {
    const input = z.object({ output, rules: wellArchitected });
    return Promise.resolve().then(() =>
      answer(task, input, (given) => verdictOf(reviewPillars(given.output.deliverables, { wellArchitected: given.rules }))),
    );
  }
}

/** Judges whether every threat has a mitigation. */
export class SecurityReviewerAgent extends Agent {
  override async processTask(task: AgentTask): ReturnType<Agent['processTask']> {
    const input = z.object({ output, rules: security });
    return Promise.resolve().then(() =>
      answer(task, input, (given) => verdictOf(reviewThreats(given.output.deliverables, { security: given.rules }))),
    );
  }
}

/** Judges whether measures are within their limits. */
export class PerformanceReviewerAgent extends Agent {
  override async processTask(task: AgentTask): ReturnType<Agent['processTask']> {
    const input = z.object({ output, rules: performance });
    return Promise.resolve().then(() =>
      answer(task, input, (given) => verdictOf(reviewMeasures(given.output.deliverables, { performance: given.rules }))),
    );
  }
}

/** Judges whether all together cost no more than the budget. */
export class CostReviewerAgent extends Agent {
  override async processTask(task: AgentTask): ReturnType<Agent['processTask']> {
    const input = z.object({ output, rules: cost });
    return Promise.resolve().then(() =>
      answer(task, input, (given) => verdictOf(reviewCost(given.output.deliverables, { cost: given.rules }))),
    );
  }
}
