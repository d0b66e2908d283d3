import { toTuttiError } from '@tutti/kernel';

/** It is worth trying again: the run is sound, what it needs is not there just now. */
export function isPassing(error: unknown): boolean {
  const { kind, retryable } = toTuttiError(error);
  return kind === 'unavailable' || retryable;
}
