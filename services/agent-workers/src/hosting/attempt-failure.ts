import { isAgentFailure } from '@tutti/agent-sdk';
import type { AttemptOutcome } from '@tutti/contracts';
import { isTuttiError, type JsonValue } from '@tutti/kernel';
import { copyJson, NotJson } from './json-copy.js';

export type AttemptError = (AttemptOutcome & { outcome: 'failed' })['error'];

/** Failures stand in events, which are small. */
const MAX_MESSAGE_CHARACTERS = 8_000;
const MAX_DETAILS_CHARACTERS = 32_000;

/** What is reported of something thrown. An agent's own failure keeps its code; a TuttiError too; anything else may be tried again. */
export function attemptError(thrown: unknown): AttemptError {
  if (isAgentFailure(thrown)) {
    const { code, retryable } = thrown;
    return {
      code: String(code) || 'AGENT_FAILED',
      message: clip(thrown.message),
      ...detailsOf(thrown.details),
      retryable: retryable === true,
    };
  }
  if (thrown instanceof NotJson) return { code: 'AGENT_FAILED', message: clip(thrown.message), retryable: false };
  if (isTuttiError(thrown))
    return { code: thrown.code, message: clip(thrown.message), ...detailsOf(thrown.details), retryable: thrown.retryable };
  return {
    code: 'AGENT_FAILED',
    message: clip(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)),
    retryable: true,
  };
}

function clip(message: string): string {
  return message.length > MAX_MESSAGE_CHARACTERS ? `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…` : message;
}

function detailsOf(details: unknown): { readonly details?: JsonValue } {
  if (details === undefined) return {};
  try {
    const copied = copyJson(details, 'details');
    const length = JSON.stringify(copied).length;
    return {
      details: length > MAX_DETAILS_CHARACTERS ? `left out: ${length} characters, at most ${MAX_DETAILS_CHARACTERS} are kept` : copied,
    };
  } catch (error) {
    return { details: `left out: ${error instanceof Error ? error.message : String(error)}` };
  }
}
