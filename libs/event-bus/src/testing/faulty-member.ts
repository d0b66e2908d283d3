import type { BusMessage, BusSubscription, SubscribeOptions } from '../event-bus.port.js';
import type { FaultyEventBus } from './faulty-event-bus.js';
import { MemoryEventBus, type BusRecords, type MemoryGroup, type MemoryMember } from '../in-memory/in-memory-event-bus.js';

export const FAULTY_MEMBERS: readonly FaultyEventBus[] = [
  {
    fault: 'gives a message that names a member to any',
    rejectedBy: 'gives a message that names a member to that member only',
    Bus: class extends MemoryEventBus {
      protected override memberFor(group: MemoryGroup, message: BusMessage): MemoryMember | undefined {
        const { member: _ignored, ...rest } = message;
        return super.memberFor(group, rest);
      }
    },
  },
  {
    fault: 'drops messages for a member that is not there',
    rejectedBy: 'keeps messages for a member that is not there, in order, and holds back nothing else for them',
    Bus: class extends MemoryEventBus {
      protected override stopsAtAbsent(group: MemoryGroup, index: number): boolean {
        group.record.handled.add(index);
        return false;
      }
    },
  },
  {
    fault: 'stops at a message for a member that is not there',
    rejectedBy: 'keeps messages for a member that is not there, in order, and holds back nothing else for them',
    Bus: class extends MemoryEventBus {
      protected override stopsAtAbsent(): boolean {
        return true;
      }
    },
  },
  {
    fault: 'loses on close what waits for a member that is not there',
    rejectedBy: 'keeps messages for a member that is not there when the bus is closed',
    Bus: class extends MemoryEventBus {
      override async close(): Promise<BusRecords> {
        return forgetAddressed(await super.close());
      }
    },
  },
  {
    fault: 'loses on a kill what waits for a member that is not there',
    rejectedBy: 'keeps messages for a member that is not there when the process is killed',
    Bus: class extends MemoryEventBus {
      override kill(): BusRecords {
        return forgetAddressed(super.kill());
      }
    },
  },
  {
    fault: 'gives a key to its first member for ever',
    rejectedBy: 'gives what a member had not begun when it closed to those that are left',
    Bus: class extends MemoryEventBus {
      private readonly owners = new Map<string, MemoryMember>();
      protected override memberFor(group: MemoryGroup, message: BusMessage): MemoryMember | undefined {
        if (message.member !== undefined) return super.memberFor(group, message);
        const chosen = this.owners.get(message.key) ?? super.memberFor(group, message);
        if (chosen !== undefined) this.owners.set(message.key, chosen);
        return chosen === undefined ? undefined : group.members.get(chosen.options.member);
      }
    },
  },
  {
    fault: 'drops what a closed member had not begun',
    rejectedBy: 'keeps what was for a member that closed until it is back',
    Bus: class extends MemoryEventBus {
      protected override async leave(group: MemoryGroup, member: MemoryMember): Promise<void> {
        group.log.forEach((message, index) => {
          if (message.member === member.options.member && !group.inHand.has(index)) group.record.handled.add(index);
        });
        await super.leave(group, member);
      }
    },
  },
  {
    fault: 'lists members that have closed',
    rejectedBy: 'lists the members that are subscribed now',
    Bus: class extends MemoryEventBus {
      private readonly ever = new Set<string>();
      override subscribe(options: SubscribeOptions): Promise<BusSubscription> {
        this.ever.add(JSON.stringify([options.topic, options.group, options.member]));
        return super.subscribe(options);
      }
      override async members(topic: string, group: string): Promise<readonly string[]> {
        const all = [...this.ever].map((text) => JSON.parse(text) as [string, string, string]);
        return all.filter((entry) => entry[0] === topic && entry[1] === group).map((entry) => entry[2]);
      }
    },
  },
];

function forgetAddressed(records: BusRecords): BusRecords {
  for (const [key, record] of records.groups) {
    const log = records.logs.get((JSON.parse(key) as [string, string])[0]) ?? [];
    log.forEach((message, index) => {
      if (message.member !== undefined) record.handled.add(index);
    });
  }
  return records;
}
