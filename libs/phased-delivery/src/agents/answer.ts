import { AgentFailure, type Agent, type AgentTask } from '@tutti/agent-sdk';
import type { z } from 'zod';
import { PlanProblems } from '../plan/prepare-plan.js';

type Output = Awaited<ReturnType<Agent['processTask']>>;

/** Checks a task's input and answers it. What is wrong with the input stays wrong: nothing here is worth another try. */
export function answer<Schema extends z.ZodType>(task: AgentTask, schema: Schema, work: (input: z.infer<Schema>) => unknown): Output {
  const parsed = schema.safeParse(task.input);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 10).map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
    throw new AgentFailure(
      'delivery.input.invalid',
      `step "${task.step}" got an input that ${task.capability} cannot use: ${problems.join('; ')}`,
    );
  }
  try {
    // Plain data; going through JSON drops members that are not there.
    return JSON.parse(JSON.stringify(work(parsed.data))) as Output;
  } catch (error) {
    if (error instanceof PlanProblems) throw new AgentFailure('delivery.plan.invalid', `the plan cannot be delivered: ${error.message}`);
    throw error;
  }
}

export function unknownCapability(task: AgentTask, known: readonly string[]): AgentFailure {
  const message = `task ${task.taskId} asks for "${task.capability}"; this agent has ${known.join(', ')}`;
  return new AgentFailure('delivery.capability.unknown', message);
}
