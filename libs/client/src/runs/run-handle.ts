import type { JsonObject, JsonValue, RecordedEvent } from '@tutti/kernel';
import { listApprovals } from '../approvals.js';
import type { CallOptions, Calls } from '../calls.js';
import { aborted, isClientError, TuttiClientError } from '../client-error.js';
import { followFeed } from '../following/follow-feed.js';
import { followRun, RUN_END_TYPES } from '../following/follow-run.js';
import type { Operations } from '../transport.port.js';
import { answers, hasEnded, type ApprovalView, type RunView } from '../views.js';
import { withTimeLimit } from './time-limit.js';

export interface ResultOptions extends CallOptions {
  /** Longest time to wait. Default: as long as it takes. */
  readonly timeoutMs?: number;
}

export interface EventsOptions {
  /** Events behind this revision, to go on where another reader ended. Default: all. */
  readonly after?: number;
  /** Ends the events without an error. */
  readonly signal?: AbortSignal;
}

export interface SignalOptions extends CallOptions {
  /** Names this one signal: sent again under the same id, it counts once. At most 200 characters. Default: one of its own. */
  readonly id?: string;
}

export interface CancelOptions extends CallOptions {
  /** Without undoing what was done. */
  readonly force?: boolean;
}

export interface RepairOptions extends CallOptions {
  /** Step to the input that its task gets this time. */
  readonly inputs?: JsonObject;
  readonly reason?: string;
}

export interface Repaired {
  /** Steps that are done anew. */
  readonly steps: readonly string[];
}

/** One run. Every method may throw a TuttiClientError. */
export interface RunHandle<Outputs = unknown> {
  readonly id: string;
  /** The run as it stands, this handle's own changes included. */
  view(options?: CallOptions): Promise<RunView>;
  /**
   * The outputs, once the run has succeeded. Outlives restarts of the server.
   *
   * @throws TuttiClientError RUN_FAILED · RUN_CANCELLED, both with `{runId, error}` in the details · TIMED_OUT when the time is up; the run goes on
   */
  result(options?: ResultOptions): Promise<Outputs>;
  /** What happened and happens, in order and each event once, until the run has ended. Outlives restarts of the server. */
  events(options?: EventsOptions): AsyncGenerator<RecordedEvent, void>;
  /** Sends the run a signal; resolves when that is durable. */
  signal(name: string, payload?: JsonValue, options?: SignalOptions): Promise<{ readonly signalId: string; readonly created: boolean }>;
  /** What one of the workflow's queries comes to now; `state` is there for every workflow. */
  query<Value = JsonValue>(name: string, options?: CallOptions): Promise<Value>;
  /** Ends it now, after what its steps say about undoing them. */
  cancel(reason?: string, options?: CancelOptions): Promise<void>;
  /** Nothing new is begun until {@link resume}; what is under way ends. */
  pause(reason?: string, options?: CallOptions): Promise<void>;
  resume(reason?: string, options?: CallOptions): Promise<void>;
  /** Goes on from the steps that failed; what was done stays done. A run that has ended goes on. */
  retry(options?: RepairOptions): Promise<Repaired>;
  /** Goes back to a point: the steps and all that needs them are done anew. */
  reset(steps: readonly string[], options?: RepairOptions): Promise<Repaired>;
  /** Takes a step for done, with this output. */
  skip(step: string, output?: JsonValue, options?: Omit<RepairOptions, 'inputs'>): Promise<Repaired>;
  /** Sets variables; what is evaluated from then on sees them. */
  setVariables(values: JsonObject, options?: CallOptions & { readonly reason?: string }): Promise<void>;
  /** What waits for a person, here and in the runs below. */
  approvals(options?: CallOptions): Promise<readonly ApprovalView[]>;
}

/** @param position the newest that is known of it; 0 for none */
export function createRunHandle<Outputs>(calls: Calls, id: string, position: number): RunHandle<Outputs> {
  let known = position;
  const read = async (minPosition: number, options: CallOptions & { readonly patient?: boolean } = {}): Promise<RunView> => {
    const { run } = await calls.ask('getRun', { runId: id, minPosition }, answers.run, options);
    return run;
  };
  const change = async <What extends 'cancelRun' | 'pauseRun' | 'resumeRun'>(
    what: What,
    request: Omit<Operations[What], 'runId'>,
    options: CallOptions | undefined,
  ): Promise<void> => {
    const answer = await calls.ask(what, { runId: id, ...request } as unknown as Operations[What], answers.change, options);
    known = Math.max(known, answer.position);
  };
  const repairing = () => ({ runId: id, repairId: calls.runtime.ids.next() });
  const repair = async <What extends 'retryRun' | 'resetRun' | 'skipStep'>(what: What, request: Operations[What], options: CallOptions) => {
    const answer = await calls.ask(what, request, answers.repaired, options);
    known = Math.max(known, answer.position);
    return { steps: answer.steps };
  };
  const openFeed = (request: Parameters<typeof followFeed>[1], signal: AbortSignal) =>
    followFeed({ ...calls, giveUpMs: calls.reconnectLimitMs }, request, signal);

  const untilEnded = async (signal: AbortSignal): Promise<RunView> => {
    for (;;) {
      const view = await read(known, { signal, patient: true });
      if (hasEnded(view)) return view;
      for await (const item of openFeed({ after: view.position, runId: id, types: RUN_END_TYPES }, signal)) {
        if (item.kind !== 'event') continue;
        known = Math.max(known, item.event.position);
        break;
      }
      if (signal.aborted) throw aborted(signal);
    }
  };

  return {
    id,
    view: (options) => read(known, options),
    async result({ timeoutMs, signal } = {}) {
      const what = `run ${id} did not end`;
      return outputsOf(await withTimeLimit(calls.runtime, { timeoutMs, signal, what }, untilEnded)) as Outputs;
    },
    async *events({ after = -1, signal = new AbortController().signal } = {}) {
      try {
        // A run that is not there would be waited for.
        await read(known, { signal, patient: true });
        const isOver = async (through: number): Promise<boolean> => {
          const view = await read(through, { signal, patient: true });
          return hasEnded(view) && view.position <= through;
        };
        for await (const item of followRun({ openFeed, isOver }, { runId: id, after, signal })) if (item.kind === 'event') yield item.event;
      } catch (error) {
        if (!signal.aborted || !isClientError(error, 'ABORTED')) throw error;
      }
    },
    async signal(name, payload = null, { id: signalId = calls.runtime.ids.next(), ...options } = {}) {
      const answer = await calls.ask('signalRun', { runId: id, name, payload, id: signalId }, answers.signal, options);
      known = Math.max(known, answer.position);
      return { signalId: answer.signalId, created: answer.created };
    },
    async query<Value>(name: string, options?: CallOptions) {
      return (await calls.ask('queryRun', { runId: id, name }, answers.query, options)).value as Value;
    },
    cancel: (reason = '', { force = false, ...options } = {}) => change('cancelRun', { reason, force }, options),
    pause: (reason = '', options) => change('pauseRun', { reason }, options),
    resume: (reason = '', options) => change('resumeRun', { reason }, options),
    retry: ({ inputs = {}, reason = '', ...options } = {}) => repair('retryRun', { ...repairing(), inputs, reason }, options),
    reset: (steps, { inputs = {}, reason = '', ...options } = {}) => repair('resetRun', { ...repairing(), steps, inputs, reason }, options),
    skip: (step, output = null, { reason = '', ...options } = {}) => repair('skipStep', { ...repairing(), step, output, reason }, options),
    async setVariables(values, { reason = '', ...options } = {}) {
      const answer = await calls.ask('setVariables', { runId: id, values, reason }, answers.change, options);
      known = Math.max(known, answer.position);
    },
    approvals: (options = {}) => listApprovals(calls, { runId: id, status: 'pending', ...options }),
  };
}

/** @throws TuttiClientError RUN_FAILED · RUN_CANCELLED */
function outputsOf({ id, status, error, outputs }: RunView): unknown {
  if (status === 'succeeded') return outputs;
  const details = { runId: id, error: error ?? null };
  if (status === 'cancelled') throw new TuttiClientError('RUN_CANCELLED', `run ${id} was cancelled`, { details });
  const reason = error === undefined ? '' : `: ${error.message} (${error.code}${error.step === '' ? '' : `, step ${error.step}`})`;
  throw new TuttiClientError('RUN_FAILED', `run ${id} failed${reason}`, { details });
}
