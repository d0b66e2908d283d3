import type { RunEvent } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { CommandOf, Resolution, RunRequest } from './run.commands.js';
import { isOpen, type RunState, type Signal, type TaskState } from './run.state.js';
import { workSucceeded } from './run.works.js';

/** Signals that have come and that nothing has taken yet, at most, over all names; and what they take in memory. */
const MAX_SIGNALS = 10_000;
const MAX_SIGNAL_BYTES = 16 * 1024 * 1024;

/** @throws TuttiError RUN_ENDED, SIGNALS_FULL */
export function receiveSignal({ signalId, name, payload, actor }: CommandOf<'SignalRun'>, state: RunState): readonly RunEvent[] {
  const { known, untakenCount, untakenBytes } = state.signals;
  if (known.has(signalId)) return [];
  if (!isOpen(state)) throw new TuttiError('RUN_ENDED', `run ${state.runId} has already ${state.status}; it takes no signal "${name}"`);
  if (untakenCount >= MAX_SIGNALS || untakenBytes >= MAX_SIGNAL_BYTES)
    throw new TuttiError(
      'SIGNALS_FULL',
      `run ${state.runId} has ${untakenCount} signals of ${untakenBytes} bytes that no step has taken; at most ${MAX_SIGNALS} and ${MAX_SIGNAL_BYTES} bytes are kept, signal "${name}" is not`,
    );
  return [{ type: 'SignalReceived', data: { signalId, name, payload, sentBy: actor } }];
}

/** A wait asks for each signal of its name that it has not looked at yet. */
export function addSignalRequests(requests: RunRequest[], state: RunState): void {
  for (const task of state.openTasks) {
    if (task.status !== 'begun' || task.work.kind !== 'signal') continue;
    if (untakenFor(state, task).length > 0) requests.push({ kind: 'take-signal', step: task.step, task: task.id });
  }
}

/** Those that the wait has not looked at, in their order. */
export function untakenFor({ signals }: RunState, task: TaskState): readonly Signal[] {
  if (task.work.kind !== 'signal') return [];
  const ofName = signals.untaken.get(task.work.name) ?? [];
  if ((ofName.at(-1)?.order ?? 0) <= task.looked) return [];
  return ofName.slice(ofName.findIndex(({ order }) => order > task.looked));
}

/** What the wait found. Another may have taken the signal in the meantime. */
export function signalLookedAt(resolution: Extract<Resolution, { kind: 'signal' }>, state: RunState, nowMs: number): readonly RunEvent[] {
  const { taken, through } = resolution;
  const task = state.tasks.get(resolution.task);
  if (task?.status !== 'begun' || task.attempt !== resolution.attempt || task.work.kind !== 'signal') return [];
  if (taken === null) {
    if (through <= task.looked) return [];
    return [{ type: 'SignalsPassed', data: { task: task.id, step: task.step, attempt: task.attempt, through } }];
  }
  if (!untakenFor(state, task).some(({ id }) => id === taken.id)) return [];
  return [workSucceeded(task, taken.payload, nowMs, taken.id)];
}

export function signalReceived(
  state: RunState,
  { signalId, name, payload }: Extract<RunEvent, { type: 'SignalReceived' }>['data'],
): RunState {
  const { signals } = state;
  if (signals.known.has(signalId)) return state;
  signals.known.add(signalId);
  const bytes = 'inline' in payload ? JSON.stringify(payload.inline).length : 0;
  const signal = { id: signalId, payload, bytes, order: signals.known.size };
  const ofName = signals.untaken.get(name);
  if (ofName === undefined) signals.untaken.set(name, [signal]);
  else ofName.push(signal);
  signals.untakenCount++;
  signals.untakenBytes += bytes;
  return state;
}

/** The wait has ended with this signal. */
export function signalTaken({ signals }: RunState, task: TaskState, signalId: string): void {
  if (task.work.kind !== 'signal') return;
  const ofName = signals.untaken.get(task.work.name);
  const at = ofName?.findIndex(({ id }) => id === signalId) ?? -1;
  if (ofName === undefined || at < 0) return;
  const [taken] = ofName.splice(at, 1);
  signals.untakenCount--;
  signals.untakenBytes -= taken?.bytes ?? 0;
  if (ofName.length === 0) signals.untaken.delete(task.work.name);
}
