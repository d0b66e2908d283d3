import { z } from 'zod';
import { mailAddress, minPosition, nameText, optionalName, paging } from '../request-values.js';
import { defineRoute } from '../route.js';
import { channelTest, NOTIFICATION_STATUSES, notificationView } from '../views/notification-views.js';
import { page } from '../views/view-values.js';

export const listNotifications = defineRoute({
  id: 'listNotifications',
  method: 'GET',
  path: '/v1/notifications',
  tag: 'notifications',
  summary: 'What people were told, and what could not be delivered; newest first',
  access: 'notifications:read',
  load: 'read',
  query: z.strictObject({
    status: z.enum(NOTIFICATION_STATUSES).optional(),
    channel: optionalName,
    runId: optionalName,
    ...paging,
    minPosition,
  }),
  answers: {
    200: { description: 'A page of notifications', schema: z.object({ notifications: z.array(notificationView).default([]), ...page }) },
  },
});

export const testChannel = defineRoute({
  id: 'testChannel',
  method: 'POST',
  path: '/v1/notifications/test',
  tag: 'notifications',
  summary: 'Send a notification that says that it is a test',
  description: 'Tried once. Not idempotent: every request sends.',
  access: 'notifications:control',
  load: 'change',
  body: z.strictObject({ channel: nameText, to: z.array(mailAddress).max(50).default([]) }),
  answers: { 200: { description: 'How it went, delivered or not', schema: channelTest } },
  errors: ['CHANNEL_NOT_FOUND'],
});
