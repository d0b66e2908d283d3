import type { BusMessage } from '../event-bus.port.js';
import { changeGroups } from './change-groups.js';
import type { FaultyEventBus } from './faulty-event-bus.js';
import { MemoryEventBus, type BusRecords, type MemoryGroup, type MemoryMember } from '../in-memory/in-memory-event-bus.js';

export const FAULTY_RESTARTS: readonly FaultyEventBus[] = [
  {
    fault: 'loses on a kill what it said is published',
    rejectedBy: 'has what was published when the process is killed right after the answer',
    Bus: class extends MemoryEventBus {
      override kill(): BusRecords {
        return { ...super.kill(), logs: new Map() };
      }
    },
  },
  {
    fault: 'takes a message for handled when it is handed over',
    rejectedBy: 'delivers again what was in hand when the process was killed, and what was behind it, in order',
    Bus: class extends MemoryEventBus {
      protected override handOver(group: MemoryGroup, member: MemoryMember, index: number, message: BusMessage): void {
        group.record.handled.add(index);
        super.handOver(group, member, index, message);
      }
      protected override postpone(...given: Parameters<MemoryEventBus['postpone']>): void {
        const [group, index] = given;
        group.record.handled.delete(index);
        super.postpone(...given);
      }
    },
  },
  {
    fault: 'keeps on a kill the highest position that was handled',
    rejectedBy: 'delivers again what was in hand when the process was killed, and what was behind it, in order',
    Bus: class extends MemoryEventBus {
      override kill(): BusRecords {
        return changeGroups(super.kill(), (record) => ({ ...record, start: Math.max(record.start, ...record.handled) + 1 }));
      }
    },
  },
  {
    fault: 'loses on a kill what waits for its retry',
    rejectedBy: 'keeps a message that waits for its retry, before the rest of its key, when the process is killed',
    Bus: class extends MemoryEventBus {
      override kill(): BusRecords {
        for (const { waiting, record } of this.groups.values()) for (const index of waiting.keys()) record.handled.add(index);
        return super.kill();
      }
    },
  },
  {
    fault: 'closes with messages in hand',
    rejectedBy: 'waits on close for what is in hand, and hands over nothing more',
    Bus: class extends MemoryEventBus {
      protected override async leave(group: MemoryGroup, member: MemoryMember): Promise<void> {
        void super.leave(group, member);
      }
    },
  },
  {
    fault: 'hands over more after a close',
    rejectedBy: 'waits on close for what is in hand, and hands over nothing more',
    Bus: class extends MemoryEventBus {
      protected override async leave(group: MemoryGroup, member: MemoryMember): Promise<void> {
        await super.leave(group, member);
        group.members.set(member.options.member, member);
        this.pump(group);
      }
    },
  },
  {
    fault: 'forgets on close what was handled out of order',
    rejectedBy: 'delivers nothing again that was handled before a close, and the rest where it was left',
    Bus: class extends MemoryEventBus {
      override async close(): Promise<BusRecords> {
        return changeGroups(await super.close(), (record) => {
          let lowWater = record.start;
          while (record.handled.has(lowWater)) lowWater += 1;
          return { ...record, handled: new Set([...record.handled].filter((index) => index < lowWater)) };
        });
      }
    },
  },
  {
    fault: 'drops on close what waits for its retry',
    rejectedBy: 'delivers nothing again that was handled before a close, and the rest where it was left',
    Bus: class extends MemoryEventBus {
      override async close(): Promise<BusRecords> {
        for (const { waiting, record } of this.groups.values()) for (const index of waiting.keys()) record.handled.add(index);
        return super.close();
      }
    },
  },
  {
    fault: 'counts deliveries afresh in a group that begins again',
    rejectedBy: 'counts deliveries on when a group closes and begins again in one process',
    Bus: class extends MemoryEventBus {
      protected override async leave(group: MemoryGroup, member: MemoryMember): Promise<void> {
        await super.leave(group, member);
        group.deliveries.clear();
      }
    },
  },
];
