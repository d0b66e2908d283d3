import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { failure, timestamp } from './shared-schemas.js';

/** The same for every attempt, and the `webhook-id` of a webhook: receivers know a repeated delivery by it. */
const notificationId = z.string().min(1);
const channel = z.string().min(1);
/** From 1. */
const attempt = z.int().positive();
/** Mail addresses; empty for a webhook that is told nobody's. */
const to = z.array(z.string()).readonly();

/** What set it off; null for a test. */
const about = z
  .object({
    runId: z.string(),
    workflow: z.string(),
    step: z.string().nullable(),
    approvalId: z.string().nullable(),
    eventId: z.string(),
    /** Of that event in the store. */
    position: z.int().nonnegative(),
    time: timestamp,
  })
  .readonly()
  .nullable();

/**
 * Deliveries of one channel (`notification-{channel}`), and how far the store was looked through (`notification-.follower`, which no channel can be named). A notification that has neither been sent nor
 * failed for good (`retryAt` null) is still to be sent.
 */
export const notificationEvents = {
  NotificationRequested: defineEvent(
    'NotificationRequested',
    1,
    z.object({
      notificationId,
      channel,
      /** A word like `run.failed`, or `test`. */
      on: z.string().min(1),
      to,
      about,
      title: z.string(),
      /** Particulars, in lines. */
      text: z.string(),
    }),
  ),
  NotificationSent: defineEvent(
    'NotificationSent',
    1,
    z.object({
      notificationId,
      channel,
      to,
      about,
      attempt,
      /** What the receiver said. */
      answer: z.string(),
    }),
  ),
  NotificationFailed: defineEvent(
    'NotificationFailed',
    1,
    z.object({
      notificationId,
      channel,
      to,
      about,
      /** 0 when it was not even tried. */
      attempt: z.int().nonnegative(),
      error: failure,
      /** When it is tried again; null when it is undeliverable. */
      retryAt: timestamp.nullable(),
    }),
  ),
  /** Everything up to the position has been looked at, and what was to be told is requested. */
  NotifierAdvanced: defineEvent('NotifierAdvanced', 1, z.object({ position: z.int().min(-1) })),
} as const;

export type NotificationEvent = EventOf<typeof notificationEvents>;
