import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { mailAddress, NotificationStatus, type NotificationService, type NotificationView } from '@tutti/contracts';
import { NOTIFICATION_SERVICE } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { jsonBody, minPosition, nameText, paging, parameters } from '../door/request-parsing.js';
import { wireEnum } from '../wire/wire-enum.js';

const status = wireEnum(NotificationStatus, 'NOTIFICATION_STATUS_');
const anyName = nameText.or(z.literal('')).default('');

const listQuery = z.strictObject({ status: status.query, channel: anyName, runId: anyName, ...paging, minPosition });
const testBody = z.strictObject({ channel: nameText, to: z.array(mailAddress).max(50).default([]) });

/** What people were told, and what could not be delivered. */
@Controller('v1/notifications')
export class NotificationsController {
  constructor(@Inject(NOTIFICATION_SERVICE) private readonly service: NotificationService) {}

  /** Newest first. */
  @Get()
  async list(@Query(parameters(listQuery)) query: z.infer<typeof listQuery>) {
    const { notifications, nextPageToken } = await this.service.listNotifications(query);
    return { notifications: notifications.map(notificationToWire), nextPageToken };
  }

  /** 200 whether it was delivered or not: the answer says so. */
  @Post('test')
  @HttpCode(200)
  test(@Body(jsonBody(testBody)) body: z.infer<typeof testBody>, @Actor() actor: string) {
    return this.service.testChannel({ ...body, actor });
  }
}

function notificationToWire(notification: NotificationView) {
  return { ...notification, status: status.word(notification.status) };
}
