import { fromPlainError, toPlainError, TuttiError, type PlainError } from '@tutti/kernel';
import type { ProjectionStatus } from '../../projection/running-projection.js';

export type ToThread =
  | { readonly type: 'start'; readonly name: string }
  /** The log is committed up to here. */
  | { readonly type: 'head'; readonly head: number }
  /** Somebody waits for what is committed up to here: fold it at once. */
  | { readonly type: 'hurry'; readonly head: number }
  | { readonly type: 'stop'; readonly name: string }
  | { readonly type: 'close' };

export interface PlainStatus {
  readonly state: ProjectionStatus['state'];
  readonly position: number;
  readonly failedAt: number | null;
  readonly error: PlainError | null;
}

export type FromThread =
  | { readonly type: 'started'; readonly name: string; readonly error: PlainError | null }
  | { readonly type: 'caught-up'; readonly name: string; readonly error: PlainError | null }
  /** Sent when position or state have changed. */
  | { readonly type: 'status'; readonly name: string; readonly status: PlainStatus }
  | { readonly type: 'stopped'; readonly name: string }
  | { readonly type: 'closed' }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export function toPlainStatus(status: ProjectionStatus): PlainStatus {
  const { state, position } = status;
  return {
    state,
    position,
    failedAt: status.state === 'failed' ? status.failedAt : null,
    error: status.state === 'failed' || status.state === 'retrying' ? toPlainError(status.error) : null,
  };
}

export function fromPlainStatus({ state, position, failedAt, error }: PlainStatus): ProjectionStatus {
  const found = error === null ? new TuttiError('INTERNAL', 'no error was given') : fromPlainError(error);
  if (state === 'failed') return { state, position, failedAt, error: found };
  if (state === 'retrying') return { state, position, error: found };
  return { state, position };
}
