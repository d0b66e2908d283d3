import type { BusMessage, BusSubscription, Delivery, SubscribeOptions } from '../event-bus.port.js';
import type { FaultyEventBus } from './faulty-event-bus.js';
import { MemoryEventBus, type MemoryGroup, type MemoryMember } from '../in-memory/in-memory-event-bus.js';

export const FAULTY_DELIVERY: readonly FaultyEventBus[] = [
  {
    fault: 'drops the traceparent',
    rejectedBy: 'gives every message as it was published, with its topic, an offset of its own and delivery 1',
    Bus: class extends MemoryEventBus {
      protected override delivery(...given: Parameters<MemoryEventBus['delivery']>): Delivery {
        const { traceparent: _dropped, ...rest } = super.delivery(...given);
        return rest;
      }
    },
  },
  {
    fault: 'gives all messages one offset',
    rejectedBy: 'gives every message as it was published, with its topic, an offset of its own and delivery 1',
    Bus: class extends MemoryEventBus {
      protected override delivery(...given: Parameters<MemoryEventBus['delivery']>): Delivery {
        return { ...super.delivery(...given), offset: '0' };
      }
    },
  },
  {
    fault: 'hands each message to every member of the group',
    rejectedBy: 'gives each message to one member of each group',
    Bus: class extends MemoryEventBus {
      protected override handOver(group: MemoryGroup, member: MemoryMember, index: number, message: BusMessage): void {
        super.handOver(group, member, index, message);
        for (const other of group.members.values())
          if (other !== member) void other.options.handle(this.delivery(group, index, message, 1));
      }
    },
  },
  {
    fault: 'shares one position between all groups',
    rejectedBy: 'gives each message to one member of each group',
    Bus: class extends MemoryEventBus {
      protected override group(topic: string, name: string, start: 'earliest' | 'latest'): MemoryGroup {
        const group = super.group(topic, name, start);
        const [first] = this.groups.values();
        return first === undefined || first === group ? group : this.share(group, first);
      }
      private share(group: MemoryGroup, first: MemoryGroup): MemoryGroup {
        const shared = { ...group, record: first.record, inHand: first.inHand };
        for (const [key, known] of this.groups) if (known === group) this.groups.set(key, shared);
        return shared;
      }
    },
  },
  {
    fault: 'hands over two messages of a key at once',
    rejectedBy: 'handles the messages of a key in order and one at a time, also over two members',
    Bus: class extends MemoryEventBus {
      protected override laneOf(message: BusMessage): string {
        return message.id;
      }
    },
  },
  {
    fault: 'takes the newest message of a key first',
    rejectedBy: 'handles the messages of a key in order and one at a time, also over two members',
    Bus: class extends MemoryEventBus {
      protected override log(topic: string): BusMessage[] {
        const log = super.log(topic);
        const push = log.push.bind(log);
        log.push = (...messages) => push(...messages.toReversed());
        return log;
      }
    },
  },
  {
    fault: 'ignores the concurrency',
    rejectedBy: 'hands over messages of different keys at once, up to the member’s concurrency',
    Bus: class extends MemoryEventBus {
      protected override hasRoom(): boolean {
        return true;
      }
    },
  },
  {
    fault: 'handles one message at a time',
    rejectedBy: 'hands over messages of different keys at once, up to the member’s concurrency',
    Bus: class extends MemoryEventBus {
      protected override hasRoom(member: MemoryMember): boolean {
        return member.inHand === 0;
      }
    },
  },
  {
    fault: 'begins every group at the earliest message',
    rejectedBy: 'begins a new group at the earliest message, or after the latest where it asks for that',
    Bus: class extends MemoryEventBus {
      protected override firstIndex(): number {
        return 0;
      }
    },
  },
  {
    fault: 'begins every group after the latest message',
    rejectedBy: 'begins a new group at the earliest message, or after the latest where it asks for that',
    Bus: class extends MemoryEventBus {
      protected override firstIndex(_start: 'earliest' | 'latest', log: readonly BusMessage[]): number {
        return log.length;
      }
    },
  },
  {
    fault: 'begins a known group anew where a member asks for the latest',
    rejectedBy: 'keeps to the position of a group that has one, wherever a later member would begin',
    Bus: class extends MemoryEventBus {
      override async subscribe(options: SubscribeOptions): Promise<BusSubscription> {
        if (options.start === 'latest') {
          const { record, log } = this.group(options.topic, options.group, 'latest');
          log.forEach((_, index) => record.handled.add(index));
        }
        return super.subscribe(options);
      }
    },
  },
];
