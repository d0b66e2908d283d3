import type { BusMessage, Delivery } from '../event-bus.port.js';
import type { FaultyEventBus } from './faulty-event-bus.js';
import { MemoryEventBus, type MemoryGroup, type MemoryMember } from '../in-memory/in-memory-event-bus.js';

export const FAULTY_RETRIES: readonly FaultyEventBus[] = [
  {
    fault: 'delivers again at once',
    rejectedBy: 'delivers a rejected message again after the delay, doubled each time, and counts the deliveries',
    Bus: class extends MemoryEventBus {
      protected override retryDelayMs(): number {
        return 0;
      }
    },
  },
  {
    fault: 'does not double the delay',
    rejectedBy: 'delivers a rejected message again after the delay, doubled each time, and counts the deliveries',
    Bus: class extends MemoryEventBus {
      protected override retryDelayMs(member: MemoryMember): number {
        return super.retryDelayMs(member, 1);
      }
    },
  },
  {
    fault: 'counts every delivery as the first',
    rejectedBy: 'delivers a rejected message again after the delay, doubled each time, and counts the deliveries',
    Bus: class extends MemoryEventBus {
      protected override delivery(...given: Parameters<MemoryEventBus['delivery']>): Delivery {
        return { ...super.delivery(...given), delivery: 1 };
      }
    },
  },
  {
    fault: 'drops a message at its first rejection',
    rejectedBy: 'delivers a rejected message again after the delay, doubled each time, and counts the deliveries',
    Bus: class extends MemoryEventBus {
      protected override rejected(group: MemoryGroup, member: MemoryMember, index: number, message: BusMessage): void {
        this.resolved(group, member, index, message);
      }
    },
  },
  {
    fault: 'goes on with a key whose first message waits for its retry',
    rejectedBy: 'holds back the key of a message that waits for its retry',
    Bus: class extends MemoryEventBus {
      protected override postpone(...given: Parameters<MemoryEventBus['postpone']>): void {
        super.postpone(...given);
        const [group, , message] = given;
        group.busy.delete(this.laneOf(message));
      }
    },
  },
  {
    fault: 'stops all keys while one waits for its retry',
    rejectedBy: 'goes on with all other keys while a message waits for its retry, however much of its key is behind it',
    Bus: class extends MemoryEventBus {
      protected override pump(group: MemoryGroup): void {
        if (group.waiting.size === 0) super.pump(group);
      }
    },
  },
  {
    fault: 'stops all keys when one that waits has much behind it',
    rejectedBy: 'goes on with all other keys while a message waits for its retry, however much of its key is behind it',
    Bus: class extends MemoryEventBus {
      protected override pump(group: MemoryGroup): void {
        if (group.waiting.size === 0 || group.log.length < 4_096) super.pump(group);
      }
    },
  },
];
