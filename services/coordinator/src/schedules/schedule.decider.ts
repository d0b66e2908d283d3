import type { ScheduleEvent, ScheduleSpec } from '@tutti/contracts';
import { assertNever, canonicalJson, isoTime, TuttiError, type Decider } from '@tutti/kernel';
import { evolve, NO_SCHEDULE, type KnownSchedule, type LiveSchedule, type ScheduleState } from './schedule.state.js';

type Failure = Extract<ScheduleEvent, { type: 'ScheduleSkipped' }>['data']['error'];

interface ByPerson {
  readonly name: string;
  readonly actor: string;
  readonly reason: string;
}

export type ScheduleCommand =
  | { readonly type: 'CreateSchedule'; readonly name: string; readonly spec: ScheduleSpec; readonly actor: string; readonly nowMs: number }
  | { readonly type: 'ChangeSchedule'; readonly name: string; readonly spec: ScheduleSpec; readonly actor: string; readonly nowMs: number }
  /** The definition of this workflow says so. */
  | {
      readonly type: 'PutSchedule';
      readonly name: string;
      readonly spec: ScheduleSpec;
      readonly workflow: string;
      readonly actor: string;
      readonly nowMs: number;
    }
  /** The definition of this workflow does not have it any more. */
  | { readonly type: 'RemoveSchedule'; readonly name: string; readonly workflow: string; readonly actor: string }
  | ({ readonly type: 'PauseSchedule' } & ByPerson)
  | ({ readonly type: 'ResumeSchedule'; readonly nowMs: number } & ByPerson)
  | ({ readonly type: 'DeleteSchedule' } & ByPerson)
  | {
      readonly type: 'RequestBackfill';
      readonly name: string;
      readonly backfillId: string;
      readonly fromMs: number;
      readonly toMs: number;
      readonly actor: string;
    }
  | {
      readonly type: 'RecordTriggered';
      readonly scheduledMs: number;
      readonly runId: string;
      readonly kind: 'time' | 'manual' | 'backfill';
      readonly backfillId: string | null;
      readonly actor: string;
    }
  | { readonly type: 'RecordBuffered'; readonly scheduledMs: number }
  | {
      readonly type: 'RecordSkipped';
      readonly firstMs: number;
      readonly throughMs: number;
      readonly count: number | null;
      readonly why: 'overlap' | 'missed' | 'refused';
      readonly error: Failure;
      readonly backfillId: string | null;
    }
  | { readonly type: 'FinishBackfill'; readonly backfillId: string };

/** One schedule: what it says and what has been decided for each of its times. Which times there are, the caller computes. */
export const scheduleDecider: Decider<ScheduleCommand, ScheduleState, ScheduleEvent> = {
  initialState: () => NO_SCHEDULE,
  decide,
  evolve,
};

function decide(command: ScheduleCommand, state: ScheduleState): readonly ScheduleEvent[] {
  switch (command.type) {
    case 'CreateSchedule':
      return create(command, state);
    case 'ChangeSchedule': {
      const { spec, actor, nowMs } = command;
      const known = ownedByNobody(existing(command.name, state));
      return sameSpec(known.spec, spec) ? [] : [{ type: 'ScheduleChanged', data: { spec, changedBy: actor, changedAt: isoTime(nowMs) } }];
    }
    case 'PutSchedule':
      return put(command, state);
    case 'RemoveSchedule':
      if (!exists(state) || state.ownedBy !== command.workflow) return [];
      return [
        {
          type: 'ScheduleDeleted',
          data: { deletedBy: command.actor, reason: `the definition of "${command.workflow}" does not have it any more` },
        },
      ];
    case 'PauseSchedule':
      if (existing(command.name, state).status === 'paused') return [];
      return [{ type: 'SchedulePaused', data: { pausedBy: command.actor, reason: command.reason } }];
    case 'ResumeSchedule':
      if (existing(command.name, state).status === 'active') return [];
      return [{ type: 'ScheduleResumed', data: { resumedBy: command.actor, reason: command.reason, resumedAt: isoTime(command.nowMs) } }];
    case 'DeleteSchedule':
      if (state.status === 'deleted') return [];
      ownedByNobody(existing(command.name, state));
      return [{ type: 'ScheduleDeleted', data: { deletedBy: command.actor, reason: command.reason } }];
    case 'RequestBackfill': {
      const { backfillId, fromMs, toMs, actor } = command;
      if (existing(command.name, state).backfills.some(({ id }) => id === backfillId)) return [];
      return [{ type: 'ScheduleBackfillRequested', data: { backfillId, from: isoTime(fromMs), to: isoTime(toMs), requestedBy: actor } }];
    }
    case 'RecordTriggered': {
      const { scheduledMs, runId, kind, backfillId, actor } = command;
      if (kind === 'manual' ? isKnownRun(state, runId) : isDecided(state, scheduledMs, backfillId)) return [];
      return [{ type: 'ScheduleTriggered', data: { scheduledTime: isoTime(scheduledMs), runId, kind, backfillId, triggeredBy: actor } }];
    }
    case 'RecordBuffered':
      if (!exists(state) || state.throughMs >= command.scheduledMs) return [];
      return [{ type: 'ScheduleBuffered', data: { scheduledTime: isoTime(command.scheduledMs) } }];
    case 'RecordSkipped': {
      const { firstMs, throughMs, count, why, error, backfillId } = command;
      if (isDecided(state, firstMs, backfillId)) return [];
      const data = { scheduledTime: isoTime(firstMs), through: isoTime(throughMs), count, why, error, backfillId };
      return [{ type: 'ScheduleSkipped', data }];
    }
    case 'FinishBackfill':
      if (!exists(state) || !state.backfills.some(({ id }) => id === command.backfillId)) return [];
      return [{ type: 'ScheduleBackfillFinished', data: { backfillId: command.backfillId } }];
    default:
      return assertNever(command, 'schedule command');
  }
}

function create(
  { name, spec, actor, nowMs }: Extract<ScheduleCommand, { type: 'CreateSchedule' }>,
  state: ScheduleState,
): readonly ScheduleEvent[] {
  if (!exists(state)) return [created(name, spec, null, actor, nowMs)];
  if (state.ownedBy === null && sameSpec(state.spec, spec)) return [];
  throw new TuttiError(
    'SCHEDULE_EXISTS',
    `there is a schedule "${name}" already, for workflow "${state.spec.workflow}"; change it, or choose another name`,
  );
}

function put(
  { name, spec, workflow, actor, nowMs }: Extract<ScheduleCommand, { type: 'PutSchedule' }>,
  state: ScheduleState,
): readonly ScheduleEvent[] {
  if (!exists(state)) return [created(name, spec, workflow, actor, nowMs)];
  if (sameSpec(state.spec, spec)) return [];
  return [{ type: 'ScheduleChanged', data: { spec, changedBy: actor, changedAt: isoTime(nowMs) } }];
}

function created(name: string, spec: ScheduleSpec, ownedBy: string | null, createdBy: string, nowMs: number): ScheduleEvent {
  return { type: 'ScheduleCreated', data: { name, spec, ownedBy, createdBy, createdAt: isoTime(nowMs) } };
}

export function exists(state: ScheduleState): state is LiveSchedule {
  return state.status === 'active' || state.status === 'paused';
}

/** @throws TuttiError SCHEDULE_NOT_FOUND */
export function existing(name: string, state: ScheduleState): LiveSchedule {
  if (exists(state)) return state;
  throw new TuttiError('SCHEDULE_NOT_FOUND', `there is no schedule "${name}"${state.status === 'deleted' ? '; it was deleted' : ''}`);
}

function ownedByNobody(known: KnownSchedule): KnownSchedule {
  if (known.ownedBy === null) return known;
  throw new TuttiError(
    'SCHEDULE_OWNED',
    `schedule "${known.name}" stands in the definition of workflow "${known.ownedBy}"; change it there and register the definition. Here it can be paused, resumed, triggered and backfilled`,
  );
}

/** What was decided once is not decided again: whoever records it may have been interrupted after it was durable. */
function isDecided(state: ScheduleState, timeMs: number, backfillId: string | null): boolean {
  if (state.status === 'none') return true;
  if (backfillId === null) return state.throughMs >= timeMs && state.bufferedMs !== timeMs;
  const backfill = state.backfills.find(({ id }) => id === backfillId);
  return backfill === undefined || backfill.throughMs >= timeMs;
}

function isKnownRun(state: ScheduleState, runId: string): boolean {
  return state.status !== 'none' && state.recent.some((run) => run.runId === runId);
}

function sameSpec(one: ScheduleSpec, other: ScheduleSpec): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
