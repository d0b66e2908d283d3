import type { JsonValue } from '@tutti/kernel';

interface AgentFailureOptions {
  /** Whether another attempt may succeed. Default false. */
  readonly retryable?: boolean;
  readonly details?: JsonValue;
  /** Thrown out of a step: nothing has happened outside, so that even an irreversible step may be tried again. Default false. */
  readonly noEffect?: boolean;
}

/** How an agent says what went wrong, and whether trying again makes sense. Recognised with {@link isAgentFailure}, not by `instanceof`. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
  readonly code: string;
  readonly retryable: boolean;
  readonly details: JsonValue | undefined;
  readonly noEffect: boolean;

  constructor(code: string, message: string, options: AgentFailureOptions = {}) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
    this.noEffect = options.noEffect ?? false;
  }
}

/** Goes by the shape alone, so it holds for failures of another copy of this package and of another realm. */
export function isAgentFailure(error: unknown): error is AgentFailure {
  if (typeof error !== 'object' || error === null) return false;
  const { name, code, message, retryable } = error as { readonly [Member in keyof AgentFailure]?: unknown };
  return (
    name === 'AgentFailure' && typeof code === 'string' && code !== '' && typeof message === 'string' && typeof retryable === 'boolean'
  );
}
