import { z } from 'zod';
import { jsonObject, keyHeaders, minPosition, namePath, nameText, optionalName, paging, reasonBody } from '../request-values.js';
import { defineRoute } from '../route.js';
import { backfill, OVERLAP_POLICIES, scheduleView } from '../views/schedule-views.js';
import { changed, count, flag, page } from '../views/view-values.js';

const duration = z.string().max(200).meta({ description: 'Like `90s`, `15m`, `1h` or `1d`' });

/** The words of `on.schedule` in a definition; what they mean in full, the coordinator says. */
const spec = {
  workflow: nameText,
  cron: z.string().max(200).optional().meta({ description: 'Five fields, or six with seconds in front; in place of `every`' }),
  every: duration.optional(),
  offset: duration.optional(),
  timezone: z.string().max(100).optional().meta({ description: 'IANA name that `cron` is read in' }),
  overlap: z.enum(OVERLAP_POLICIES).optional(),
  catchUp: duration.optional(),
  jitter: duration.optional(),
  with: jsonObject.optional(),
};

export const createSchedule = defineRoute({
  id: 'createSchedule',
  method: 'POST',
  path: '/v1/schedules',
  tag: 'schedules',
  summary: 'Make a schedule',
  description: 'Idempotent by the name: making what is there answers it.',
  access: 'schedules:write',
  load: 'change',
  body: z.strictObject({ name: nameText, ...spec }),
  answers: {
    201: {
      description: 'It is there',
      schema: z.object({ schedule: scheduleView, created: flag, position: count }),
      headers: ['Location'],
    },
    200: {
      description: 'It was there already',
      schema: z.object({ schedule: scheduleView, created: flag, position: count }),
      headers: ['Location'],
    },
  },
  errors: ['SCHEDULE_EXISTS', 'WORKFLOW_NOT_FOUND'],
});

export const listSchedules = defineRoute({
  id: 'listSchedules',
  method: 'GET',
  path: '/v1/schedules',
  tag: 'schedules',
  summary: 'Schedules, by name',
  access: 'schedules:read',
  load: 'read',
  query: z.strictObject({ workflow: optionalName, ...paging, minPosition }),
  answers: {
    200: { description: 'A page of schedules', schema: z.object({ schedules: z.array(scheduleView).default([]), ...page }) },
  },
});

export const getSchedule = defineRoute({
  id: 'getSchedule',
  method: 'GET',
  path: '/v1/schedules/{name}',
  tag: 'schedules',
  summary: 'A schedule with its next times',
  access: 'schedules:read',
  load: 'read',
  params: namePath,
  query: z.strictObject({ minPosition }),
  answers: { 200: { description: 'The schedule', schema: z.object({ schedule: scheduleView }), headers: ['ETag'] } },
  errors: ['SCHEDULE_NOT_FOUND'],
});

export const changeSchedule = defineRoute({
  id: 'changeSchedule',
  method: 'PUT',
  path: '/v1/schedules/{name}',
  tag: 'schedules',
  summary: 'Put another content in place of a schedule’s',
  access: 'schedules:write',
  load: 'change',
  params: namePath,
  body: z.strictObject(spec),
  answers: { 200: { description: 'It is recorded', schema: z.object({ schedule: scheduleView, position: count }) } },
  errors: ['SCHEDULE_NOT_FOUND', 'SCHEDULE_OWNED', 'WORKFLOW_NOT_FOUND'],
});

const recorded = {
  tag: 'schedules',
  access: 'schedules:write',
  params: namePath,
  body: reasonBody,
  answers: { 200: { description: 'It is recorded', schema: changed } },
} as const;

export const deleteSchedule = defineRoute({
  ...recorded,
  id: 'deleteSchedule',
  method: 'DELETE',
  path: '/v1/schedules/{name}',
  summary: 'Start nothing by a schedule any more',
  load: 'change',
  errors: ['SCHEDULE_NOT_FOUND', 'SCHEDULE_OWNED'],
});

export const pauseSchedule = defineRoute({
  ...recorded,
  id: 'pauseSchedule',
  method: 'POST',
  path: '/v1/schedules/{name}/pause',
  summary: 'Start nothing by a schedule until it is resumed',
  description: 'Again changes nothing.',
  load: 'vital',
  errors: ['SCHEDULE_NOT_FOUND'],
});

export const resumeSchedule = defineRoute({
  ...recorded,
  id: 'resumeSchedule',
  method: 'POST',
  path: '/v1/schedules/{name}/resume',
  summary: 'Go on with a schedule’s times after now',
  description: 'Again changes nothing.',
  load: 'change',
  errors: ['SCHEDULE_NOT_FOUND'],
});

const start = { tag: 'schedules', method: 'POST', load: 'new-work', params: namePath, headers: keyHeaders } as const;

export const triggerSchedule = defineRoute({
  ...start,
  id: 'triggerSchedule',
  path: '/v1/schedules/{name}/trigger',
  summary: 'Start a run of a schedule now',
  access: 'runs:start',
  body: z.strictObject({}),
  answers: { 201: { description: 'The run is started', schema: z.object({ runId: z.string(), position: count }) } },
  errors: ['SCHEDULE_NOT_FOUND', 'WORKFLOW_NOT_FOUND', 'INPUT_INVALID', 'EXPRESSION_FAILED', 'OVERLOADED'],
});

export const backfillSchedule = defineRoute({
  ...start,
  id: 'backfillSchedule',
  path: '/v1/schedules/{name}/backfill',
  summary: 'Start the runs of all times from one to another',
  access: 'schedules:write',
  body: z.strictObject({ from: z.string().max(100), to: z.string().max(100) }),
  answers: { 201: { description: 'They will be started', schema: backfill } },
  errors: ['SCHEDULE_NOT_FOUND'],
});
