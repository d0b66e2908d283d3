import type { RecordedEvent } from '@tutti/kernel';
import { z } from 'zod';
import type { Problem } from '../door/problem.js';
import { nameText } from '../door/request-parsing.js';
import { eventText } from '../events/event-page.js';

const MAX_FILTER_ENTRIES = 100;

/** Chosen by the client; names one subscription on its socket. */
const id = nameText.max(100);
const names = z.array(nameText).min(1).max(MAX_FILTER_ENTRIES).optional();

export const feedRequest = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    id,
    /** Events after this position; -1 for all, `head` for none but those to come. */
    after: z.union([z.literal('head'), z.int().min(-1)]),
    runId: nameText.optional(),
    categories: names,
    types: names,
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id }),
  z.strictObject({ type: z.literal('ping') }),
]);

export type FeedRequest = z.infer<typeof feedRequest>;
export type SubscribeRequest = Extract<FeedRequest, { readonly type: 'subscribe' }>;

export function eventMessage(subscription: string, event: RecordedEvent): string {
  return `{"type":"event","id":${JSON.stringify(subscription)},"event":${eventText(event)}}`;
}

export function caughtUpMessage(subscription: string, position: number): string {
  return JSON.stringify({ type: 'caught-up', id: subscription, position });
}

export function errorMessage(problem: Problem, subscription?: string): string {
  return JSON.stringify({ type: 'error', id: subscription, problem });
}

export const PONG_MESSAGE = JSON.stringify({ type: 'pong' });
