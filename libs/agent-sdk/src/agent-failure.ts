import type { JsonValue } from '@tutti/kernel';

interface AgentFailureOptions {
  /** Whether another attempt may succeed. Default false. */
  readonly retryable?: boolean;
  readonly details?: JsonValue;
}

/** How an agent says what went wrong, and whether trying again makes sense. Recognised by its `name`, not by `instanceof`. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
  readonly code: string;
  readonly retryable: boolean;
  readonly details: JsonValue | undefined;

  constructor(code: string, message: string, options: AgentFailureOptions = {}) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
  }
}

export function isAgentFailure(error: unknown): error is AgentFailure {
  return error instanceof Error && error.name === 'AgentFailure';
}
