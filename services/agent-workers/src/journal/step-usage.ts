import type { StepUsage } from '@tutti/agent-sdk';
import { TuttiError } from '@tutti/kernel';

/** A copy of what an agent says, with nothing in it that its schema does not know. @throws TuttiError INVALID_REQUEST */
export function checkedUsage(step: string, { model, inputTokens, outputTokens, costUsd }: StepUsage): StepUsage {
  return {
    ...(model === undefined ? {} : { model: text(step, model) }),
    ...(inputTokens === undefined ? {} : { inputTokens: amount(step, 'inputTokens', inputTokens, true) }),
    ...(outputTokens === undefined ? {} : { outputTokens: amount(step, 'outputTokens', outputTokens, true) }),
    ...(costUsd === undefined ? {} : { costUsd: amount(step, 'costUsd', costUsd, false) }),
  };
}

function text(step: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= 200) return value;
  throw new TuttiError('INVALID_REQUEST', `step "${step}": usage.model is ${JSON.stringify(value)}; expected at most 200 characters`);
}

function amount(step: string, member: string, value: unknown, whole: boolean): number {
  if (typeof value === 'number' && value >= 0 && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))) return value;
  throw new TuttiError(
    'INVALID_REQUEST',
    `step "${step}": usage.${member} is ${String(value)}; expected a ${whole ? 'whole ' : ''}number from 0`,
  );
}
