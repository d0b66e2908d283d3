import { sha256Hex } from '@tutti/kernel';

const BEGINNING = 'trigger:';

/** The idempotency key of a run that a schedule or trigger starts, from what names the occasion. */
export function triggeredKey(occasion: readonly string[]): string {
  return `${BEGINNING}${sha256Hex(occasion.join('\n'))}`;
}

/** Callers make none of these: who starts a run under the key of a schedule's next time would have its own run taken for the schedule's. */
export function isTriggeredKey(idempotencyKey: string): boolean {
  return idempotencyKey.startsWith(BEGINNING);
}
