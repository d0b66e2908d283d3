import { Inject, Injectable } from '@nestjs/common';
import {
  mailAddress,
  NotificationStatus,
  type ListNotificationsRequest,
  type ListNotificationsResponse,
  type NotificationService,
  type NotificationView,
  type TestChannelRequest,
  type TestChannelResponse,
} from '@tutti/contracts';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { actor } from '../api/request-fields.js';
import { findPage } from '../views/paging.js';
import { Views } from '../views/views.js';
import type { NotificationDocument } from './notifications.projection.js';
import { Notifier } from './notifier.js';

const testChannel = z.object({
  channel: z.string().min(1, 'expected the name of a channel').max(50),
  to: z.array(mailAddress).max(50).default([]),
  actor,
});

const WORDS: Readonly<Record<NotificationDocument['status'], NotificationStatus>> = {
  pending: NotificationStatus.NOTIFICATION_STATUS_PENDING,
  sent: NotificationStatus.NOTIFICATION_STATUS_SENT,
  undeliverable: NotificationStatus.NOTIFICATION_STATUS_UNDELIVERABLE,
};
const BY_STATUS = new Map(Object.entries(WORDS).map(([word, status]) => [status, word]));

@Injectable()
export class NotificationApi implements NotificationService {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Notifier) private readonly notifier: Notifier,
  ) {}

  async listNotifications(request: ListNotificationsRequest): Promise<ListNotificationsResponse> {
    const { status, channel, runId, minPosition } = request;
    const { model } = await this.views.at('notifications', minPosition);
    const word = BY_STATUS.get(status);
    const filter = {
      ...(channel === '' ? {} : { channel }),
      ...(runId === '' ? {} : { runId }),
      ...(word === undefined ? {} : { status: word }),
    };
    const { found, nextPageToken } = await findPage(model, { filter, sort: [['requestedAt', 'desc']] }, request);
    return { notifications: found.map(({ document }) => viewOf(document)), nextPageToken };
  }

  async testChannel(request: TestChannelRequest): Promise<TestChannelResponse> {
    const asked = parseRequest(testChannel, request);
    const { id, outcome } = await this.notifier.test(asked.channel, asked.to, asked.actor);
    if (outcome.delivered) return { id, delivered: true, answer: outcome.answer, errorCode: '', errorMessage: '' };
    return { id, delivered: false, answer: '', errorCode: outcome.error.code, errorMessage: outcome.error.message };
  }
}

function viewOf(document: NotificationDocument): NotificationView {
  const { status, attemptedAt, retryAt, to, ...rest } = document;
  return { ...rest, to: [...to], status: WORDS[status], attemptedAt: attemptedAt ?? undefined, retryAt: retryAt ?? undefined };
}
