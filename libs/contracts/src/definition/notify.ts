import { z } from 'zod';

/** What people can be told of: the word that rules use, and the event that sets it off. A further kind is one more row, and a text for it. */
export const NOTIFIABLE_EVENTS = {
  'approval.requested': 'ApprovalRequested',
  'approval.delegated': 'ApprovalDelegated',
  'approval.escalated': 'ApprovalEscalated',
  'approval.expired': 'ApprovalExpired',
  'run.succeeded': 'RunSucceeded',
  'run.failed': 'RunFailed',
  'run.cancelled': 'RunCancelled',
} as const;
export type NotifyOn = keyof typeof NOTIFIABLE_EVENTS;

const WORDS = Object.keys(NOTIFIABLE_EVENTS) as [NotifyOn, ...NotifyOn[]];

export const notifyOn = z.enum(WORDS, { error: `expected one of ${WORDS.join(', ')}` });

/** As the configuration names it; also the rest of its stream's name. */
export const notificationChannelName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "on-call"')
  .max(50);

export const mailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>(),;:"\\[\]]+@[^\s@<>(),;:"\\[\]]+$/, 'expected a mail address, like "ann@example.com"');

const notifyRule = z.strictObject({
  on: z.array(notifyOn).min(1).max(WORDS.length).describe('What is told.'),
  channel: notificationChannelName.describe('A channel of the configuration.'),
  to: z.array(mailAddress).max(50).optional().describe('Mail addresses; a webhook gets them in its body.'),
});

/** A definition's own rules: who is told of its runs, beside what the configuration says. */
export const notify = z.array(notifyRule).max(50);
