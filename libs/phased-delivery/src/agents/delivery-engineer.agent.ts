import { Agent, type AgentTask } from '@tutti/agent-sdk';
import { z } from 'zod';
import { preparedTask, reviews } from '../plan/plan.schema.js';
import { doTask } from '../work/do-task.js';
import { answer } from './answer.js';

const input = z.object({
  task: preparedTask,
  reviews,
  objections: z.array(z.object({ from: z.string(), message: z.string() })).default([]),
});

/** Does a task by choosing among its options. */
export class DeliveryEngineerAgent extends Agent {
  override async processTask(task: AgentTask): ReturnType<Agent['processTask']> {
    return Promise.resolve().then(() => answer(task, input, (given) => doTask(given.task, given.reviews, given.objections)));
  }
}
