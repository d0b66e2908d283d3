import { sha256Hex } from '@tutti/kernel';
import type { KnownSchedule } from './schedule.state.js';
import { nextTime, timesBetween } from './times.js';

/** What is to be done for a schedule now. */
export type Action =
  | {
      readonly do: 'start';
      readonly scheduledMs: number;
      readonly backfillId: string | null;
      /** Runs to end first. */
      readonly cancel: readonly string[];
    }
  | { readonly do: 'buffer'; readonly scheduledMs: number }
  | {
      readonly do: 'skip';
      readonly firstMs: number;
      readonly throughMs: number;
      readonly count: number | null;
      readonly why: 'overlap' | 'missed';
    }
  | { readonly do: 'finish-backfill'; readonly backfillId: string }
  /** Nothing, until then or until one of these runs has ended. */
  | { readonly do: 'wait'; readonly untilMs: number; readonly forRuns: readonly string[] };

/** However short `catchUp` is: a busy process, or a clock that was set, makes nothing late. */
const GRACE_MS = 60_000;
/** Times that one event leaves out. */
const MAX_SKIPPED = 1_000;

/** Decides the next step; pure. @param open those of its runs that have not ended */
export function nextAction(schedule: KnownSchedule, nowMs: number, open: ReadonlySet<string>): Action {
  if (schedule.status === 'deleted') return { do: 'wait', untilMs: Infinity, forRuns: [] };
  const regular = schedule.status === 'paused' ? WAIT : regularAction(schedule, nowMs, open);
  if (regular.do !== 'wait') return regular;
  const backfill = backfillAction(schedule, open);
  if (backfill.do !== 'wait') return backfill;
  return { do: 'wait', untilMs: regular.untilMs, forRuns: [...regular.forRuns, ...backfill.forRuns] };
}

/** How late a start is: always the same for one time, so that whoever asks again gets the same answer. */
export function jitterOf({ name, spec }: Pick<KnownSchedule, 'name' | 'spec'>, scheduledMs: number): number {
  if (spec.jitterMs === 0) return 0;
  const share = Number.parseInt(sha256Hex(`${name} ${scheduledMs}`).slice(0, 8), 16) / 0x1_0000_0000;
  return Math.floor(share * (spec.jitterMs + 1));
}

const WAIT = { do: 'wait', untilMs: Infinity, forRuns: [] } as const;

function regularAction(schedule: KnownSchedule, nowMs: number, open: ReadonlySet<string>): Action {
  const { spec, throughMs, bufferedMs, runs } = schedule;
  const running = runs.filter(({ runId, backfillId }) => backfillId === null && open.has(runId)).map(({ runId }) => runId);
  if (bufferedMs !== null && running.length === 0) return { do: 'start', scheduledMs: bufferedMs, backfillId: null, cancel: [] };
  const first = nextTime(spec, throughMs);
  const forRuns = bufferedMs === null ? [] : running;
  if (first === null) return { do: 'wait', untilMs: Infinity, forRuns };
  const tooOld = nowMs - Math.max(spec.catchUpMs, GRACE_MS) - spec.jitterMs;
  if (first < tooOld) return { do: 'skip', firstMs: first, throughMs: tooOld - 1, count: null, why: 'missed' };
  const dueMs = first + jitterOf(schedule, first);
  if (dueMs > nowMs) return { do: 'wait', untilMs: dueMs, forRuns };
  if (spec.overlap === 'cancel-running') return { do: 'start', scheduledMs: first, backfillId: null, cancel: running };
  if (spec.overlap === 'allow' || running.length === 0) return { do: 'start', scheduledMs: first, backfillId: null, cancel: [] };
  if (spec.overlap === 'buffer-one' && bufferedMs === null) return { do: 'buffer', scheduledMs: first };
  const passed = timesBetween(spec, throughMs, nowMs, MAX_SKIPPED);
  const notYet = passed.findIndex((time) => time + jitterOf(schedule, time) > nowMs);
  const due = notYet < 0 ? passed : passed.slice(0, notYet);
  return { do: 'skip', firstMs: first, throughMs: due.at(-1) ?? first, count: Math.max(1, due.length), why: 'overlap' };
}

/** Nothing of a backfill is left out: its runs come one after the other, or all at once where runs may overlap. */
function backfillAction({ spec, backfills, runs }: KnownSchedule, open: ReadonlySet<string>): Action {
  const [backfill] = backfills;
  if (backfill === undefined) return WAIT;
  const { id: backfillId, throughMs, toMs } = backfill;
  const next = nextTime(spec, throughMs);
  if (next === null || next > toMs) return { do: 'finish-backfill', backfillId };
  const running = runs.filter((run) => run.backfillId === backfillId && open.has(run.runId)).map(({ runId }) => runId);
  if (spec.overlap === 'allow' || running.length === 0) return { do: 'start', scheduledMs: next, backfillId, cancel: [] };
  return { do: 'wait', untilMs: Infinity, forRuns: running };
}
