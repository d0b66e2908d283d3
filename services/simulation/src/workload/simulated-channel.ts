import type { NotificationChannel } from '@tutti/coordinator';
import type { Life } from '../world/life.js';
import type { Chance } from '../world/chance.js';

export const CHANNEL_NAME = 'chat';

/** A way to reach people that is slow, or down, now and then. */
export function simulatedChannel(life: Life, chance: Chance): NotificationChannel {
  return {
    name: CHANNEL_NAME,
    needsAddresses: false,
    send: async () => {
      await new Promise<void>((resolve) => life.runtime.timers.after(chance.skewed(1, 2_000), resolve));
      if (chance.happens(0.7)) return { delivered: true, answer: 'ok' };
      const error = { code: 'DELIVERY_FAILED', message: 'the receiver is down' };
      return { delivered: false, error, permanent: chance.happens(0.2), retryAfterMs: null };
    },
  };
}
