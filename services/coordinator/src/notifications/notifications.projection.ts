import { upcast, type NotificationEvent } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface NotificationDocument {
  readonly id: string;
  readonly channel: string;
  readonly on: string;
  readonly to: readonly string[];
  readonly title: string;
  /** Empty for a test, like the three that follow. */
  readonly runId: string;
  readonly workflow: string;
  readonly step: string;
  readonly approvalId: string;
  readonly requestedAt: string;
  status: 'pending' | 'sent' | 'undeliverable';
  attempts: number;
  attemptedAt: string | null;
  retryAt: string | null;
  errorCode: string;
  errorMessage: string;
}

export const notificationsProjection: Projection<NotificationDocument & JsonObject> = {
  name: 'notifications',
  version: 1,
  indexes: [
    ['requestedAt'],
    ['status', 'requestedAt'],
    ['channel', 'requestedAt'],
    ['runId', 'requestedAt'],
    ['channel', 'status', 'requestedAt'],
    ['runId', 'status', 'requestedAt'],
    ['channel', 'runId', 'requestedAt'],
    ['channel', 'runId', 'status', 'requestedAt'],
  ],
  handles: { categories: ['notification'], types: ['NotificationRequested', 'NotificationSent', 'NotificationFailed'] },
  keys: (event) => [(event.data as { readonly notificationId: string }).notificationId],
  evolve: (document, recorded) => evolve(document, recorded) as (NotificationDocument & JsonObject) | null,
};

function evolve(document: NotificationDocument | null, recorded: RecordedEvent): NotificationDocument | null {
  const event = upcast(recorded) as unknown as NotificationEvent;
  if (event.type === 'NotificationRequested') {
    const { notificationId: id, channel, on, to, title, about } = event.data;
    const subject = {
      runId: about?.runId ?? '',
      workflow: about?.workflow ?? '',
      step: about?.step ?? '',
      approvalId: about?.approvalId ?? '',
    };
    return {
      ...{ id, channel, on, to, title, ...subject, requestedAt: recorded.time },
      ...{ status: 'pending', attempts: 0, attemptedAt: null, retryAt: null, errorCode: '', errorMessage: '' },
    };
  }
  if (document === null) return null;
  const attemptedAt = recorded.time;
  if (event.type === 'NotificationSent') {
    const { attempt: attempts } = event.data;
    return Object.assign(document, { status: 'sent', attempts, attemptedAt, retryAt: null, errorCode: '', errorMessage: '' });
  }
  if (event.type === 'NotificationFailed') {
    const { attempt: attempts, error, retryAt } = event.data;
    const status = retryAt === null ? 'undeliverable' : 'pending';
    return Object.assign(document, { status, attempts, attemptedAt, retryAt, errorCode: error.code, errorMessage: error.message });
  }
  return document;
}
