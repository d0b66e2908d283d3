import type { BusMessage, DeadLetter, Delivery } from '../event-bus.port.js';
import { changeGroups } from './change-groups.js';
import type { FaultyEventBus } from './faulty-event-bus.js';
import { MemoryEventBus, type BusRecords, type MemoryGroup, type MemoryMember } from '../in-memory/in-memory-event-bus.js';

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
  {
    fault: 'never makes a dead letter',
    rejectedBy: 'makes a message a dead letter after its last delivery, before its key goes on',
    Bus: class extends MemoryEventBus {
      protected override maxDeliveries(): number {
        return Infinity;
      }
    },
  },
  {
    fault: 'drops a message instead of making it a dead letter',
    rejectedBy: 'makes a message a dead letter after its last delivery, before its key goes on',
    Bus: class extends MemoryEventBus {
      protected override bury(): void {}
    },
  },
  {
    fault: 'goes on with the key before the dead letter is kept',
    rejectedBy: 'makes a message a dead letter after its last delivery, before its key goes on',
    Bus: class extends MemoryEventBus {
      protected override bury(...given: Parameters<MemoryEventBus['bury']>): void {
        this.runtime.timers.after(50, () => super.bury(...given));
      }
    },
  },
  {
    fault: 'makes a dead letter one delivery early',
    rejectedBy: 'makes a message a dead letter after its last delivery, before its key goes on',
    Bus: class extends MemoryEventBus {
      protected override maxDeliveries(member: MemoryMember): number {
        return super.maxDeliveries(member) - 1;
      }
    },
  },
  {
    fault: 'lists the newest dead letter first',
    rejectedBy: 'lists dead letters of one group oldest first, as many as asked for',
    Bus: class extends MemoryEventBus {
      override async deadLetters(topic: string, group: string): Promise<readonly DeadLetter[]> {
        return (await super.deadLetters(topic, group)).toReversed();
      }
    },
  },
  {
    fault: 'lists all dead letters whatever the limit',
    rejectedBy: 'lists dead letters of one group oldest first, as many as asked for',
    Bus: class extends MemoryEventBus {
      override deadLetters(topic: string, group: string): Promise<readonly DeadLetter[]> {
        return super.deadLetters(topic, group);
      }
    },
  },
  {
    fault: 'keeps a replayed dead letter as dead',
    rejectedBy: 'hands a replayed dead letter to its group once more and forgets it',
    Bus: class extends MemoryEventBus {
      override async replayDeadLetter(topic: string, group: string, offset: string): Promise<boolean> {
        const letter = (await this.deadLetters(topic, group)).find((known) => known.offset === offset);
        const replayed = await super.replayDeadLetter(topic, group, offset);
        if (letter !== undefined) this.groups.get(JSON.stringify([topic, group]))?.record.dead.push(letter);
        return replayed;
      }
    },
  },
  {
    fault: 'forgets a dead letter on replay without delivering it',
    rejectedBy: 'hands a replayed dead letter to its group once more and forgets it',
    Bus: class extends MemoryEventBus {
      override async replayDeadLetter(topic: string, group: string, offset: string): Promise<boolean> {
        const dead = this.groups.get(JSON.stringify([topic, group]))?.record.dead ?? [];
        const index = dead.findIndex((letter) => letter.offset === offset);
        if (index >= 0) dead.splice(index, 1);
        return index >= 0;
      }
    },
  },
  {
    fault: 'says that it replayed what is not there',
    rejectedBy: 'hands a replayed dead letter to its group once more and forgets it',
    Bus: class extends MemoryEventBus {
      override async replayDeadLetter(topic: string, group: string, offset: string): Promise<boolean> {
        await super.replayDeadLetter(topic, group, offset);
        return true;
      }
    },
  },
  {
    fault: 'loses dead letters on a kill',
    rejectedBy: 'keeps dead letters when the process is killed, and replays them then',
    Bus: class extends MemoryEventBus {
      override kill(): BusRecords {
        return changeGroups(super.kill(), (record) => ({ ...record, dead: [] }));
      }
    },
  },
];
