import { FAULTY_DEAD_LETTERS } from './faulty-dead-letters.js';
import { FAULTY_DELIVERY } from './faulty-delivery.js';
import { FAULTY_FORGETTING } from './faulty-forgetting.js';
import { FAULTY_MEMBERS } from './faulty-member.js';
import { FAULTY_RESTARTS } from './faulty-restart.js';
import { FAULTY_RETRIES } from './faulty-retry.js';
import type { FaultyEventBus } from './faulty-event-bus.js';

export const FAULTY_EVENT_BUSES: readonly FaultyEventBus[] = [
  ...FAULTY_DELIVERY,
  ...FAULTY_MEMBERS,
  ...FAULTY_FORGETTING,
  ...FAULTY_RETRIES,
  ...FAULTY_DEAD_LETTERS,
  ...FAULTY_RESTARTS,
];
