import type { DeadLetter, DeadLetterQuery, FailedDelivery } from '../event-bus.port.js';
import { MemoryEventBus, type BusRecords, type MemoryGroup, type MemoryMember } from '../in-memory/in-memory-event-bus.js';
import { changeGroups } from './change-groups.js';
import type { FaultyEventBus } from './faulty-event-bus.js';

export const FAULTY_DEAD_LETTERS: readonly FaultyEventBus[] = [
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
      protected override async listDead(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
        return (await super.listDead(query)).toReversed();
      }
    },
  },
  {
    fault: 'lists all dead letters whatever the limit',
    rejectedBy: 'lists dead letters of one group oldest first, as many as asked for',
    Bus: class extends MemoryEventBus {
      protected override listDead({ limit: _, ...query }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
        return super.listDead(query);
      }
    },
  },
  {
    fault: 'keeps a replayed dead letter as dead',
    rejectedBy: 'hands a replayed dead letter to its group once more and forgets it',
    Bus: class extends MemoryEventBus {
      protected override async replayDead(topic: string, group: string, offset: string): Promise<boolean> {
        const letter = await this.deadLetters.get(topic, group, offset);
        const replayed = await super.replayDead(topic, group, offset);
        if (letter !== null) this.groups.get(JSON.stringify([topic, group]))?.record.dead.push(letter);
        return replayed;
      }
    },
  },
  {
    fault: 'forgets a dead letter on replay without delivering it',
    rejectedBy: 'hands a replayed dead letter to its group once more and forgets it',
    Bus: class extends MemoryEventBus {
      protected override async replayDead(topic: string, group: string, offset: string): Promise<boolean> {
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
      protected override async replayDead(topic: string, group: string, offset: string): Promise<boolean> {
        await super.replayDead(topic, group, offset);
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
  {
    fault: 'tells only of the last rejection',
    rejectedBy: 'makes a message a dead letter after its last delivery, before its key goes on',
    Bus: class extends MemoryEventBus {
      protected override note(group: MemoryGroup, index: number, attempt: FailedDelivery): void {
        group.record.attempts.set(index, [attempt]);
      }
    },
  },
  {
    fault: 'lists the dead letters of one group only',
    rejectedBy: 'lists the dead letters of all topics and groups, goes on behind a cursor, and shows one',
    Bus: class extends MemoryEventBus {
      protected override async listDead(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
        const [first, ...rest] = await super.listDead(query);
        return first === undefined ? [] : [first, ...rest.filter(({ group }) => group === first.group)];
      }
    },
  },
  {
    fault: 'begins at the first dead letter whatever the cursor',
    rejectedBy: 'lists the dead letters of all topics and groups, goes on behind a cursor, and shows one',
    Bus: class extends MemoryEventBus {
      protected override async listDead(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
        await super.listDead(query);
        const { after: _, ...rest } = query;
        return super.listDead(rest);
      }
    },
  },
  {
    fault: 'forgets on close how often a message was rejected',
    rejectedBy: 'keeps the story of a message over a close and a replay, and the last 20 rejections of a long one',
    Bus: class extends MemoryEventBus {
      override async close(): Promise<BusRecords> {
        return changeGroups(await super.close(), (record) => ({ ...record, attempts: new Map() }));
      }
    },
  },
  {
    fault: 'begins the story anew on a replay',
    rejectedBy: 'keeps the story of a message over a close and a replay, and the last 20 rejections of a long one',
    Bus: class extends MemoryEventBus {
      protected override async replayDead(topic: string, group: string, offset: string): Promise<boolean> {
        const replayed = await super.replayDead(topic, group, offset);
        this.records.groups.get(JSON.stringify([topic, group]))?.attempts.clear();
        return replayed;
      }
    },
  },
  {
    fault: 'keeps every rejection of a message for ever',
    rejectedBy: 'keeps the story of a message over a close and a replay, and the last 20 rejections of a long one',
    Bus: class extends MemoryEventBus {
      protected override note({ record }: MemoryGroup, index: number, attempt: FailedDelivery): void {
        record.attempts.set(index, [...(record.attempts.get(index) ?? []), attempt]);
      }
    },
  },
  {
    fault: 'discards nothing',
    rejectedBy: 'forgets a discarded dead letter for good, also when the process is killed, and no other',
    Bus: class extends MemoryEventBus {
      protected override async discardDead(topic: string, group: string, offset: string): Promise<boolean> {
        return (await this.deadLetters.get(topic, group, offset)) !== null;
      }
    },
  },
  {
    fault: 'delivers a discarded dead letter again after a kill',
    rejectedBy: 'forgets a discarded dead letter for good, also when the process is killed, and no other',
    Bus: class extends MemoryEventBus {
      protected override async discardDead(topic: string, group: string, offset: string): Promise<boolean> {
        const discarded = await super.discardDead(topic, group, offset);
        if (discarded) this.records.groups.get(JSON.stringify([topic, group]))?.handled.delete(Number(offset));
        return discarded;
      }
      protected override pump(group: MemoryGroup): void {
        if (group.record.dead.length === 0 || !group.log.some(({ id }) => id === 'z1') || group.inHand.size === 0) super.pump(group);
      }
    },
  },
  {
    fault: 'tells nobody of a dead letter',
    rejectedBy:
      'tells of a dead letter while somebody listens, tells again when that rejects, and makes no topic for the letters of letters',
    Bus: class extends MemoryEventBus {
      protected override tell(): void {}
    },
  },
  {
    fault: 'tells of a dead letter without its story',
    rejectedBy: 'tells of a dead letter on a topic of its own, once it is kept, with its whole story, also when the process is killed',
    Bus: class extends MemoryEventBus {
      protected override tell(letter: DeadLetter): void {
        super.tell({ ...letter, attempts: [] });
      }
    },
  },
];
