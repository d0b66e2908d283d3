import { upcast, type ScheduleEvent } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { evolve, NO_SCHEDULE, type KnownSchedule, type ScheduleState } from './schedule.state.js';

/** A schedule as its stream has it; deleted ones stay, as deleted. */
export type ScheduleDocument = KnownSchedule;

/** One document for each schedule, by its name. */
export const schedulesProjection: Projection<ScheduleDocument & JsonObject> = {
  name: 'schedules',
  version: 1,
  indexes: [
    ['status', 'name'],
    ['spec.workflow', 'status', 'name'],
  ],
  handles: { categories: ['schedule'] },
  keys: ({ stream }) => [stream.slice('schedule-'.length)],
  evolve: (document, recorded) => {
    const state: ScheduleState = document === null ? NO_SCHEDULE : document;
    const next = evolve(state, upcast(recorded) as unknown as ScheduleEvent);
    return next.status === 'none' ? null : (next as ScheduleDocument & JsonObject);
  },
};
