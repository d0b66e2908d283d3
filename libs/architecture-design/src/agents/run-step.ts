import { AgentFailure } from '@tutti/agent-sdk';
import type { Agent, AgentTask } from '@tutti/agent-sdk';
import type { z } from 'zod';
import { EmptyInput } from '../steps/analyse-context.js';

type Output = Awaited<ReturnType<Agent['processTask']>>;

/** Checks a task's input and runs one step. What is wrong with the input is wrong for good: nothing here is retryable. */
export function runStep<Schema extends z.ZodType>(task: AgentTask, schema: Schema, step: (input: z.infer<Schema>) => unknown): Output {
  const parsed = schema.safeParse(task.input);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 10).map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
    throw new AgentFailure(
      'architecture.input.invalid',
      `step "${task.step}" of task ${task.taskId} got an input that ${task.capability} cannot use: ${problems.join('; ')}`,
      { retryable: false },
    );
  }
  try {
    // Steps return plain data; going through JSON proves it and drops nothing else.
    return JSON.parse(JSON.stringify(step(parsed.data))) as Output;
  } catch (error) {
    if (error instanceof EmptyInput)
      throw new AgentFailure('architecture.input.empty', `step "${task.step}" of task ${task.taskId}: ${error.message}`, {
        retryable: false,
      });
    throw error;
  }
}

export function unknownCapability(task: AgentTask, known: readonly string[]): AgentFailure {
  return new AgentFailure(
    'architecture.capability.unknown',
    `task ${task.taskId} asks for "${task.capability}"; this agent has ${known.join(', ')}`,
    { retryable: false },
  );
}
