import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { failure, jsonValue, timestamp } from './shared-schemas.js';

/** What happens when it is time while the run before is still open. */
export const OVERLAP_POLICIES = ['skip', 'buffer-one', 'allow', 'cancel-running'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

const milliseconds = z.int().nonnegative();
const who = z.string().min(1);
const reason = z.string();

export const scheduleSpec = z
  .object({
    workflow: z.string().min(1),
    /** Null where `everyMs` says the times. */
    cron: z.string().nullable(),
    everyMs: z.int().positive().nullable(),
    /** Moves the times of `everyMs`. */
    offsetMs: milliseconds,
    /** IANA name that `cron` is read in. */
    timezone: z.string(),
    overlap: z.enum(OVERLAP_POLICIES),
    catchUpMs: milliseconds,
    jitterMs: milliseconds,
    /** Inputs of its runs; texts may contain expressions over `schedule`. */
    inputs: z.record(z.string(), jsonValue).readonly(),
  })
  .readonly();
export type ScheduleSpec = z.infer<typeof scheduleSpec>;

const backfillId = z.string().min(1);

/** On `schedule-{name}`. */
export const scheduleEvents = {
  ScheduleCreated: defineEvent(
    'ScheduleCreated',
    1,
    z.object({
      name: z.string().min(1),
      spec: scheduleSpec,
      /** The workflow whose definition it stands in; null for one made by itself. */
      ownedBy: z.string().nullable(),
      createdBy: who,
      /** Times after this count. */
      createdAt: timestamp,
    }),
  ),
  ScheduleChanged: defineEvent('ScheduleChanged', 1, z.object({ spec: scheduleSpec, changedBy: who, changedAt: timestamp })),
  SchedulePaused: defineEvent('SchedulePaused', 1, z.object({ pausedBy: who, reason })),
  /** Times that passed meanwhile are not made up for. */
  ScheduleResumed: defineEvent('ScheduleResumed', 1, z.object({ resumedBy: who, reason, resumedAt: timestamp })),
  ScheduleDeleted: defineEvent('ScheduleDeleted', 1, z.object({ deletedBy: who, reason })),
  ScheduleTriggered: defineEvent(
    'ScheduleTriggered',
    1,
    z.object({
      scheduledTime: timestamp,
      runId: z.string().min(1),
      kind: z.enum(['time', 'manual', 'backfill']),
      /** Null unless it is one of a backfill. */
      backfillId: backfillId.nullable(),
      triggeredBy: who,
    }),
  ),
  /** It is time, and the run before is open: this time waits for its end. */
  ScheduleBuffered: defineEvent('ScheduleBuffered', 1, z.object({ scheduledTime: timestamp })),
  /** No run is started for the times from `scheduledTime` to `through`. */
  ScheduleSkipped: defineEvent(
    'ScheduleSkipped',
    1,
    z.object({
      scheduledTime: timestamp,
      through: timestamp,
      /** Null when they were too many to count. */
      count: z.int().positive().nullable(),
      /** A run was open; it is too long ago; the run could not be started. */
      why: z.enum(['overlap', 'missed', 'refused']),
      error: failure.nullable(),
      backfillId: backfillId.nullable(),
    }),
  ),
  ScheduleBackfillRequested: defineEvent(
    'ScheduleBackfillRequested',
    1,
    z.object({ backfillId, from: timestamp, to: timestamp, requestedBy: who }),
  ),
  ScheduleBackfillFinished: defineEvent('ScheduleBackfillFinished', 1, z.object({ backfillId })),
} as const;

export type ScheduleEvent = EventOf<typeof scheduleEvents>;
