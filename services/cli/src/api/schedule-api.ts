import * as routes from '@tutti/rest-contract';
import type { RouteCaller } from './call-route.js';

/** The operations of schedules. */
export function scheduleOperations({ call, list }: RouteCaller) {
  const underKey = (key: string) => ({ headers: { 'idempotency-key': key } });
  const body = (reason: string | undefined): object => (reason === undefined ? {} : { reason });
  return {
    listSchedules: (workflow: string | undefined, limit?: number) =>
      list(routes.listSchedules, 'schedules', { query: { workflow } }, limit),
    getSchedule: (name: string) => call(routes.getSchedule, { params: { name } }),
    createSchedule: (schedule: object) => call(routes.createSchedule, { body: schedule }),
    changeSchedule: (name: string, what: 'pause' | 'resume' | 'delete', reason: string | undefined) =>
      call(CHANGES[what], { params: { name }, body: body(reason) }),
    /** Repeated under one key, so that an answer that got lost starts nothing twice. */
    triggerSchedule: (name: string, key: string) => call(routes.triggerSchedule, { params: { name }, body: {}, ...underKey(key) }),
    backfillSchedule: (name: string, range: { readonly from: string; readonly to: string }, key: string) =>
      call(routes.backfillSchedule, { params: { name }, body: range, ...underKey(key) }),
  };
}

const CHANGES = { pause: routes.pauseSchedule, resume: routes.resumeSchedule, delete: routes.deleteSchedule } as const;
