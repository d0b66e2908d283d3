import { scheduleEvents, upcast, type ScheduleEvent } from '@tutti/contracts';
import { handleCommand, type CommandOutcome, type EventStore, type SnapshotPolicy } from '@tutti/event-store';
import { eventMetadata, newEvent, type Decider, type JsonValue, type NewEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { scheduleDecider, type ScheduleCommand } from './schedule.decider.js';
import type { ScheduleState } from './schedule.state.js';

const EVENTS_PER_SNAPSHOT = 100;

export function scheduleStream(name: string): string {
  return `schedule-${name}`;
}

type Look = { readonly type: 'Look' };

/** The decider, and a command that only looks. */
const decider: Decider<ScheduleCommand | Look, ScheduleState, ScheduleEvent> = {
  ...scheduleDecider,
  decide: (command, state) => (command.type === 'Look' ? [] : scheduleDecider.decide(command, state)),
};

/** The streams `schedule-{name}`. */
export class ScheduleLedger {
  constructor(
    private readonly store: EventStore,
    private readonly runtime: Pick<Runtime, 'ids'>,
  ) {}

  /** @throws TuttiError what the decider refuses, or what the store says */
  handle(name: string, command: ScheduleCommand, actor: string): Promise<CommandOutcome<ScheduleState, ScheduleEvent>> {
    return this.run(name, command, actor);
  }

  async load(name: string): Promise<ScheduleState> {
    return (await this.run(name, { type: 'Look' }, '')).state;
  }

  private run(name: string, command: ScheduleCommand | Look, actor: string): Promise<CommandOutcome<ScheduleState, ScheduleEvent>> {
    const stream = scheduleStream(name);
    return handleCommand(this.store, {
      stream,
      decider,
      command,
      encode: (event) => this.encode(event, stream, actor),
      decode: (recorded: RecordedEvent) => upcast(recorded) as unknown as ScheduleEvent,
      snapshots,
    });
  }

  private encode({ type, data }: ScheduleEvent, stream: string, actor: string): NewEvent {
    return newEvent(this.runtime.ids.next(), scheduleEvents[type], data, eventMetadata({ correlationId: stream, actor }));
  }
}

/** The state is plain data. */
const snapshots: SnapshotPolicy<ScheduleState> = {
  schemaVersion: 1,
  every: EVENTS_PER_SNAPSHOT,
  encode: (state) => state as unknown as JsonValue,
  decode: (stored) => stored as unknown as ScheduleState,
};
