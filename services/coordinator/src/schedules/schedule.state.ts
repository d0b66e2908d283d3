import type { ScheduleEvent, ScheduleSpec } from '@tutti/contracts';

export interface ScheduledRun {
  readonly runId: string;
  readonly backfillId: string | null;
}

export interface Backfill {
  readonly id: string;
  readonly toMs: number;
  /** Times up to here are done. */
  readonly throughMs: number;
}

export interface RecentRun {
  readonly runId: string;
  readonly scheduledTime: string;
  readonly kind: 'time' | 'manual' | 'backfill';
}

interface Known {
  readonly name: string;
  readonly spec: ScheduleSpec;
  /** The workflow whose definition it stands in; null for one made by itself. */
  readonly ownedBy: string | null;
  readonly createdMs: number;
  /** Times up to here have been decided upon. */
  readonly throughMs: number;
  /** A time that waits for the end of a run. */
  readonly bufferedMs: number | null;
  /** The newest runs that it started, oldest first; those that overlap is about. */
  readonly runs: readonly ScheduledRun[];
  readonly backfills: readonly Backfill[];
  /** The newest starts, whatever they came of, oldest first. */
  readonly recent: readonly RecentRun[];
}

export type ScheduleState = { readonly status: 'none' } | ({ readonly status: 'active' | 'paused' | 'deleted' } & Known);
export type KnownSchedule = Extract<ScheduleState, Known>;
/** Neither deleted nor never made. */
export type LiveSchedule = KnownSchedule & { readonly status: 'active' | 'paused' };

/** Runs of a kind that are looked at for overlap. */
const MAX_RUNS = 20;
const MAX_RECENT = 10;

export const NO_SCHEDULE: ScheduleState = { status: 'none' };

export function evolve(state: ScheduleState, event: ScheduleEvent): ScheduleState {
  if (event.type === 'ScheduleCreated') {
    const { name, spec, ownedBy, createdAt } = event.data;
    const createdMs = Date.parse(createdAt);
    return {
      status: 'active',
      name,
      spec,
      ownedBy,
      createdMs,
      throughMs: createdMs,
      bufferedMs: null,
      runs: [],
      backfills: [],
      recent: [],
    };
  }
  return state.status === 'none' ? state : evolveKnown(state, event);
}

function evolveKnown(state: KnownSchedule, event: Exclude<ScheduleEvent, { type: 'ScheduleCreated' }>): KnownSchedule {
  switch (event.type) {
    case 'ScheduleChanged': {
      const { spec, changedAt } = event.data;
      const throughMs = sameTimes(state.spec, spec) ? state.throughMs : Math.max(state.throughMs, Date.parse(changedAt));
      return { ...state, spec, throughMs };
    }
    case 'SchedulePaused':
      return { ...state, status: 'paused', bufferedMs: null };
    case 'ScheduleResumed':
      return { ...state, status: 'active', throughMs: Math.max(state.throughMs, Date.parse(event.data.resumedAt)) };
    case 'ScheduleDeleted':
      return { ...state, status: 'deleted', bufferedMs: null, backfills: [] };
    case 'ScheduleTriggered': {
      const { runId, backfillId, kind, scheduledTime } = event.data;
      const recent = [...state.recent, { runId, scheduledTime, kind }].slice(-MAX_RECENT);
      if (kind === 'manual') return { ...state, recent };
      const decided = decide(state, scheduledTime, scheduledTime, backfillId);
      return { ...decided, recent, runs: withRun(state.runs, { runId, backfillId }) };
    }
    case 'ScheduleBuffered': {
      const bufferedMs = Date.parse(event.data.scheduledTime);
      return { ...state, bufferedMs, throughMs: Math.max(state.throughMs, bufferedMs) };
    }
    case 'ScheduleSkipped': {
      const { scheduledTime, through, backfillId } = event.data;
      return decide(state, scheduledTime, through, backfillId);
    }
    case 'ScheduleBackfillRequested': {
      const { backfillId: id, from, to } = event.data;
      return { ...state, backfills: [...state.backfills, { id, toMs: Date.parse(to), throughMs: Date.parse(from) - 1 }] };
    }
    case 'ScheduleBackfillFinished':
      return { ...state, backfills: state.backfills.filter(({ id }) => id !== event.data.backfillId) };
  }
}

/** Those of backfills and the others each by themselves: neither crowds the other out. */
function withRun(runs: readonly ScheduledRun[], added: ScheduledRun): readonly ScheduledRun[] {
  const isOfKind = (run: ScheduledRun): boolean => (run.backfillId === null) === (added.backfillId === null);
  const oldest = runs.filter(isOfKind).length < MAX_RUNS ? undefined : runs.find(isOfKind);
  return [...runs.filter((run) => run !== oldest), added];
}

/** The times from one to the other are decided upon. */
function decide(state: KnownSchedule, first: string, through: string, backfillId: string | null): KnownSchedule {
  const [firstMs, throughMs] = [Date.parse(first), Date.parse(through)];
  if (backfillId !== null) {
    const backfills = state.backfills.map((one) =>
      one.id === backfillId ? { ...one, throughMs: Math.max(one.throughMs, throughMs) } : one,
    );
    return { ...state, backfills };
  }
  if (state.bufferedMs === firstMs) return { ...state, bufferedMs: null };
  return { ...state, throughMs: Math.max(state.throughMs, throughMs) };
}

function sameTimes(one: ScheduleSpec, other: ScheduleSpec): boolean {
  return one.cron === other.cron && one.everyMs === other.everyMs && one.offsetMs === other.offsetMs && one.timezone === other.timezone;
}
