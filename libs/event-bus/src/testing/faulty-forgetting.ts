import type { BusMessage } from '../event-bus.port.js';
import type { FaultyEventBus } from './faulty-event-bus.js';
import { MemoryEventBus, type BusRecords, type GroupRecord } from '../in-memory/in-memory-event-bus.js';

export const FAULTY_FORGETTING: readonly FaultyEventBus[] = [
  {
    fault: 'forgets nothing of a member that is to be forgotten',
    rejectedBy: 'drops what waits for a member that is forgotten, and nothing else',
    Bus: class extends MemoryEventBus {
      protected override forget(): void {}
    },
  },
  {
    fault: 'forgets what waits for any absent member along with one',
    rejectedBy: 'drops what waits for a member that is forgotten, and nothing else',
    Bus: class extends MemoryEventBus {
      protected override forget(log: readonly BusMessage[], record: GroupRecord): void {
        for (const { member } of log) if (member !== undefined) super.forget(log, record, member);
      }
    },
  },
  {
    fault: 'forgets a member in every group',
    rejectedBy: 'forgets a member in one group only',
    Bus: class extends MemoryEventBus {
      protected override forget(log: readonly BusMessage[], _record: GroupRecord, member: string): void {
        for (const record of this.records.groups.values()) super.forget(log, record, member);
      }
    },
  },
  {
    fault: 'has what it dropped for a member again after a close',
    rejectedBy: 'has what it dropped for a forgotten member gone after a close too',
    Bus: class extends MemoryEventBus {
      private readonly forgotten: (() => void)[] = [];
      protected override forget(log: readonly BusMessage[], record: GroupRecord, member: string): void {
        const before = new Set(record.handled);
        super.forget(log, record, member);
        const dropped = [...record.handled].filter((index) => !before.has(index));
        this.forgotten.push(() => dropped.forEach((index) => record.handled.delete(index)));
      }
      override async close(): Promise<BusRecords> {
        const records = await super.close();
        for (const remember of this.forgotten) remember();
        return records;
      }
    },
  },
  {
    fault: 'drops whatever is published for a member that was forgotten once',
    rejectedBy: 'forgets the same member again, and keeps for it what is published afterwards',
    Bus: class extends MemoryEventBus {
      private readonly gone = new Set<string>();
      override publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
        return super.publish(
          topic,
          messages.filter(({ member }) => member === undefined || !this.gone.has(member)),
        );
      }
      protected override forget(log: readonly BusMessage[], record: GroupRecord, member: string): void {
        this.gone.add(member);
        super.forget(log, record, member);
      }
    },
  },
  {
    fault: 'forgets nothing while the member that closed has something in hand',
    rejectedBy: 'forgets what a member that closed had not begun, without waiting for what it has in hand',
    Bus: class extends MemoryEventBus {
      protected override forget(log: readonly BusMessage[], record: GroupRecord, member: string): void {
        if ([...this.groups.values()].every(({ inHand }) => inHand.size === 0)) super.forget(log, record, member);
      }
    },
  },
  {
    fault: 'forgets a member that is subscribed',
    rejectedBy: 'refuses to forget a member that is subscribed, or one without a name, and drops nothing',
    Bus: class extends MemoryEventBus {
      override async forgetMember(topic: string, name: string, member: string): Promise<void> {
        const record = this.group(topic, name, 'earliest').record;
        this.forget(this.log(topic), record, member);
      }
    },
  },
];
