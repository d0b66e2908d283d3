import type { FactoryProvider, Provider } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import { EVENT_STORE, LOGGER, NOTIFICATION_SERVICE, RUNTIME, type Logger } from '@tutti/service-kit';
import { OWNERSHIP } from '../coordinator.tokens.js';
import type { Ownership } from '../ownership/ownership.js';
import { createChannels, type Environment } from './create-channels.js';
import type { NotificationChannel } from './notification-channel.port.js';
import { NotificationApi } from './notification.api.js';
import type { NotificationsConfig } from './notifications.config.js';
import { Notifier } from './notifier.js';

/** Ways to reach people; a test or a simulation gives its own. */
export const NOTIFICATION_CHANNELS = Symbol('NotificationChannels');

/** @param environment holds the secrets that the configuration names */
export function notificationProviders(config: NotificationsConfig, environment: Environment): readonly Provider[] {
  const channels: FactoryProvider<readonly NotificationChannel[]> = {
    provide: NOTIFICATION_CHANNELS,
    inject: [RUNTIME],
    useFactory: (runtime: Runtime) => createChannels(config, environment, runtime),
  };
  const notifier: FactoryProvider<Notifier> = {
    provide: Notifier,
    inject: [EVENT_STORE, NOTIFICATION_CHANNELS, OWNERSHIP, RUNTIME, LOGGER],
    useFactory: (store: EventStore, given: readonly NotificationChannel[], ownership: Ownership, runtime: Runtime, logger: Logger) =>
      new Notifier({ store, channels: given, ownership, runtime, logger, config }),
  };
  return [channels, notifier, { provide: NOTIFICATION_SERVICE, useClass: NotificationApi }];
}
