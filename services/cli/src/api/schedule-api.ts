import type { HttpRequest } from '@tutti/client/http';
import { z } from 'zod';

const text = z.string().default('');
const time = z.string().optional();

const scheduleView = z.object({
  name: z.string(),
  workflow: text,
  status: text,
  ownedBy: text,
  cron: text,
  every: text,
  offset: text,
  timezone: text,
  overlap: text,
  catchUp: text,
  jitter: text,
  with: z.record(z.string(), z.unknown()).default({}),
  createdAt: time,
  nextTimes: z.array(z.string()).default([]),
  recentRuns: z.array(z.object({ runId: text, scheduledTime: time, kind: text })).default([]),
  openBackfills: z.coerce.number().default(0),
  bufferedTime: time,
});
export type ScheduleView = z.infer<typeof scheduleView>;

const changed = z.object({ position: z.coerce.number().default(0) });

interface Means {
  readonly read: <T>(request: HttpRequest, schema: z.ZodType<T>) => Promise<{ readonly raw: unknown; readonly value: T }>;
  readonly list: <T>(
    path: string,
    member: string,
    item: z.ZodType<T>,
    query: NonNullable<HttpRequest['query']>,
    limit?: number,
  ) => Promise<{ readonly raw: unknown; readonly value: readonly T[] }>;
}

/** The operations of schedules. */
export function scheduleOperations({ read, list }: Means) {
  const post = (name: string, what: string, body: object, headers: Readonly<Record<string, string>> = {}): HttpRequest => ({
    ...{ method: 'POST', path: `/v1/schedules/${encodeURIComponent(name)}/${what}`, body: json(body), headers, repeatable: true },
  });
  return {
    listSchedules: (workflow: string | undefined, limit?: number) => list('/v1/schedules', 'schedules', scheduleView, { workflow }, limit),
    getSchedule: (name: string) => read({ path: `/v1/schedules/${encodeURIComponent(name)}` }, z.object({ schedule: scheduleView })),
    createSchedule: (schedule: object) =>
      read(
        { method: 'POST', path: '/v1/schedules', body: json(schedule), repeatable: true },
        z.object({ schedule: scheduleView, created: z.boolean().default(false) }),
      ),
    changeSchedule: (name: string, what: 'pause' | 'resume', reason: string | undefined) =>
      read(post(name, what, reason === undefined ? {} : { reason }), changed),
    deleteSchedule: (name: string, reason: string | undefined) =>
      read(
        {
          ...{ method: 'DELETE', path: `/v1/schedules/${encodeURIComponent(name)}`, repeatable: true },
          body: json(reason === undefined ? {} : { reason }),
        },
        changed,
      ),
    /** Repeated under one key, so that an answer that got lost starts nothing twice. */
    triggerSchedule: (name: string, key: string) =>
      read(post(name, 'trigger', {}, { 'idempotency-key': key }), z.object({ runId: z.string() })),
    backfillSchedule: (name: string, range: { readonly from: string; readonly to: string }, key: string) =>
      read(post(name, 'backfill', range, { 'idempotency-key': key }), z.object({ backfillId: text, count: z.coerce.number().default(0) })),
  };
}

function json(value: object): { readonly contentType: string; readonly text: string } {
  return { contentType: 'application/json', text: JSON.stringify(value) };
}
