import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Problem } from '../door/problem.js';
import { eventText } from '../events/event-page.js';

export function eventMessage(subscription: string, event: RecordedEvent): string {
  return `{"type":"event","id":${JSON.stringify(subscription)},"event":${eventText(event)}}`;
}

export function caughtUpMessage(subscription: string, position: number): string {
  return JSON.stringify({ type: 'caught-up', id: subscription, position });
}

export function doneMessage(ref: string, result: JsonObject): string {
  return JSON.stringify({ type: 'done', ref, result });
}

/** What the error is about: a subscription, a command, or a message that could not be read. */
export interface ErrorSubject {
  readonly id?: string | undefined;
  readonly ref?: string | undefined;
}

export function errorMessage(problem: Problem, { id, ref }: ErrorSubject): string {
  return JSON.stringify({ type: 'error', id, ref, problem });
}

export const PONG_MESSAGE = JSON.stringify({ type: 'pong' });
