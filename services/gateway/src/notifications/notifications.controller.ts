import { Controller, Inject } from '@nestjs/common';
import { NotificationStatus, type NotificationService, type NotificationView } from '@tutti/contracts';
import { listNotifications, testChannel, type RouteInput } from '@tutti/rest-contract';
import { NOTIFICATION_SERVICE } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { wireEnum } from '../wire/wire-enum.js';

const status = wireEnum(NotificationStatus, 'NOTIFICATION_STATUS_');

/** What people were told, and what could not be delivered. */
@Controller()
export class NotificationsController {
  constructor(@Inject(NOTIFICATION_SERVICE) private readonly service: NotificationService) {}

  @Route(listNotifications)
  async list(@Input(listNotifications) { query }: RouteInput<typeof listNotifications>) {
    const { notifications, nextPageToken } = await this.service.listNotifications({ ...query, status: status.value(query.status) });
    return { notifications: notifications.map(notificationToWire), nextPageToken };
  }

  @Route(testChannel)
  test(@Input(testChannel) { body }: RouteInput<typeof testChannel>, @Actor() actor: string) {
    return this.service.testChannel({ ...body, actor });
  }
}

function notificationToWire(notification: NotificationView) {
  return { ...notification, status: status.word(notification.status) };
}
