import { z } from 'zod';
import { count, flag, oneOf, text, texts, time } from './view-values.js';

export const NOTIFICATION_STATUSES = ['pending', 'sent', 'undeliverable'] as const;

export const notificationView = z
  .object({
    id: z.string(),
    channel: text,
    on: text,
    to: texts,
    title: text,
    runId: text,
    workflow: text,
    step: text,
    approvalId: text,
    status: oneOf(NOTIFICATION_STATUSES),
    attempts: count,
    requestedAt: time,
    attemptedAt: time,
    retryAt: time,
    errorCode: text,
    errorMessage: text,
  })
  .meta({ id: 'Notification' });

export const channelTest = z
  .object({ id: text, delivered: flag, answer: text, errorCode: text, errorMessage: text })
  .meta({ id: 'ChannelTest' });

export type NotificationView = Readonly<z.infer<typeof notificationView>>;
