import { runEvents, type RunEvent } from '@tutti/contracts';
import { eventMetadata, newEvent, type EventMetadata, type NewEvent, type Runtime, toTuttiError } from '@tutti/kernel';
import type { Tracer } from '@tutti/service-kit';
import { attemptName } from '../limits/attempt-name.js';
import type { Permits } from '../limits/permits.js';
import type { AttemptEnd } from '../routing/agent-record.js';
import type { Router } from '../routing/router.js';
import type { Resolution, RunCommand, RunRequest } from '../run/run.commands.js';
import { nextAttempt } from '../run/run.tasks.js';
import { openRequests } from '../run/run.progress.js';
import type { TaskState } from '../run/run.state.js';
import { childOf } from '../run/run.children.js';
import type { FamilyNews } from './child-runs.js';
import { goBy, type HotRun, type MailboxEntry } from './hot-run.js';
import type { RequestResolver } from './request-resolver.js';
import { COORDINATOR_ACTOR } from '../run/coordinator-actor.js';
import { TurnTrace } from '../tracing/turn-trace.js';

/** Stop collecting for one append here; well under the store's limit, so that the last event still fits. */
const TURN_BYTES = 192 * 1024;
const REQUESTS_AT_ONCE = 64;
/** Envelope and metadata of an event, with the texts and numbers of its data, about. */
const EVENT_OVERHEAD_BYTES = 600;
const MAX_ASSIGNMENT_BYTES = 3_000;

interface TurnParts {
  readonly runtime: Runtime;
  readonly resolver: RequestResolver;
  readonly router: Router;
  readonly permits: Pick<Permits, 'hold' | 'giveBack'>;
  readonly tracer?: Tracer;
}

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

interface Answer {
  readonly request: RunRequest;
  readonly answer: Promise<Resolution | null>;
}

/** What one append of a run will hold, while it is being decided. */
export class RunTurn {
  readonly events: NewEvent[] = [];
  readonly taken: { readonly entry: MailboxEntry; readonly events: readonly RunEvent[] }[] = [];
  /** Seats freed in this turn, for tasks of other runs once it is durable. */
  readonly freed: { readonly worker: string; readonly agent: string }[] = [];
  /** Attempts whose permits come back once it is durable, and no sooner: until then they still run. */
  readonly ended: string[] = [];
  /** Attempts that this turn gives to a worker. */
  readonly assigned: { readonly task: string; readonly attempt: number; readonly worker: string }[] = [];
  /** What its child runs and their owner need to know, once it is durable. */
  readonly news: FamilyNews[] = [];
  /** The append is full; the run goes on in another turn. */
  isFull = false;
  /** Null where nothing is traced. */
  readonly trace: TurnTrace | null;
  private bytes = 0;
  private actor = COORDINATOR_ACTOR;
  private traceparent: string | null = null;
  /** What is decided on; null for what follows by itself. */
  private command: RunCommand | null = null;
  private lastMetadata: EventMetadata | null = null;

  constructor(
    private readonly hot: HotRun,
    private readonly parts: TurnParts,
  ) {
    const { tracer, runtime } = parts;
    const { runId, plan, trace: run } = hot;
    const isTraced = run !== null && tracer !== undefined;
    this.trace = isTraced ? new TurnTrace({ tracer, run, runId, workflow: plan.name, nowMs: runtime.clock.now() }) : null;
  }

  /** Decides what is in the mailbox, then whatever follows, as far as one append carries. */
  run(): void | Promise<void> {
    const { mailbox } = this.hot;
    while (mailbox.length > 0 && this.bytes < TURN_BYTES) this.take(mailbox.shift() as MailboxEntry);
    this.actor = COORDINATOR_ACTOR;
    this.command = null;
    this.isFull = mailbox.length > 0;
    return this.goOn();
  }

  private goOn(): void | Promise<void> {
    for (;;) {
      if (this.isFull) return;
      const advanced = this.advance();
      // Most turns wait for nothing; they pay for no promise.
      if (advanced instanceof Promise) return advanced.then((more) => this.goOnIf(more));
      if (!advanced) return;
      this.isFull = this.bytes >= TURN_BYTES;
    }
  }

  private goOnIf(more: boolean): void | Promise<void> {
    if (!more) return;
    this.isFull = this.bytes >= TURN_BYTES;
    return this.goOn();
  }

  private take(entry: MailboxEntry): void {
    this.actor = entry.actor;
    this.traceparent = entry.traceparent;
    this.trace?.begin(entry.traceparent);
    this.command = entry.command;
    try {
      const events = this.hot.decider.decide(entry.command, this.hot.state);
      this.apply(events);
      if (entry.command.type === 'MigrateRun' && events.length > 0) goBy(this.hot, entry.command.to.plan);
      this.taken.push({ entry, events });
    } catch (error) {
      entry.reject(error);
    }
  }

  /** One round of what the run can do without a command. False when there was nothing. */
  private advance(): boolean | Promise<boolean> {
    const { hot, parts } = this;
    if (this.apply(this.decideAdvance(null)) > 0) return true;
    const isParked = (task: { readonly id: string }): boolean => hot.parked.has(task.id);
    const requests = openRequests(hot.plan, hot.state, parts.runtime.clock.now(), REQUESTS_AT_ONCE, isParked);
    if (requests.length === 0) return false;
    const late: Answer[] = [];
    for (const request of requests) {
      // What no longer fits is asked again in the next turn.
      if (this.bytes >= TURN_BYTES) break;
      const answer = this.ask(request);
      // Children of a fan-out are taken up in their order.
      if (answer instanceof Promise || late.length > 0) late.push({ request, answer: Promise.resolve(answer) });
      else this.takeUpOrPark(request, answer);
    }
    return late.length === 0 || this.takeUpLate(late);
  }

  private ask(request: RunRequest): Resolution | null | Promise<Resolution | null> {
    try {
      return this.parts.resolver.resolve(this.hot, request);
    } catch (error) {
      return Promise.reject(toTuttiError(error));
    }
  }

  private async takeUpLate(late: readonly Answer[]): Promise<boolean> {
    const settled = await Promise.allSettled(late.map(({ answer }) => answer));
    const failed = settled.find((result) => result.status === 'rejected');
    for (const [index, result] of settled.entries()) {
      const request = late[index]?.request;
      if (result.status === 'rejected' || request === undefined) continue;
      if (failed !== undefined || this.bytes >= TURN_BYTES) this.giveBack(result.value);
      else this.takeUpOrPark(request, result.value);
    }
    if (failed !== undefined) throw failed.reason;
    return true;
  }

  private takeUpOrPark(request: RunRequest, resolution: Resolution | null): void {
    if (resolution !== null) this.takeUp(resolution);
    else if (request.kind === 'reassign') this.park(request.task);
  }

  private takeUp(resolution: Resolution): void {
    if (this.apply(this.decideAdvance(resolution)) === 0) this.giveBack(resolution);
  }

  private giveBack(resolution: Resolution | null): void {
    const assignment = resolution !== null && 'assignment' in resolution ? resolution.assignment : null;
    if (assignment === null) return;
    this.free(assignment.worker, assignment.agent, null);
    if (assignment.permits !== undefined) this.parts.permits.giveBack(assignment.permits);
  }

  private decideAdvance(resolution: Resolution | null): readonly RunEvent[] {
    const { clock, random } = this.parts.runtime;
    return this.hot.decider.decide({ type: 'Advance', resolution, nowMs: clock.now(), random: random.next() }, this.hot.state);
  }

  private apply(events: readonly RunEvent[]): number {
    for (const event of events) {
      this.beforeApply(event);
      this.hot.state = this.hot.decider.evolve(this.hot.state, event);
      this.afterApply(event);
      this.events.push(this.encode(event));
      this.bytes += approximateDataBytes(event.data) + EVENT_OVERHEAD_BYTES;
    }
    return events.length;
  }

  /** A task that gives up its seat does so now, so that the run's next step may take it in the same append. */
  private beforeApply(event: RunEvent): void {
    if (event.type !== 'TaskSucceeded' && event.type !== 'TaskAttemptFailed' && event.type !== 'TaskCancelled') return;
    const task = this.hot.state.tasks.get(event.data.task);
    if (task?.status === 'assigned' && task.worker !== null && task.agent !== null) {
      this.free(task.worker, task.agent, endOf(event));
      if (task.permits !== null) this.ended.push(attemptName(task.id, task.attempt));
    } else if (task?.work.kind === 'child' && event.type !== 'TaskSucceeded') {
      this.callBackChild(task, event);
    }
    if (this.hot.parked.delete(event.data.task)) this.parts.router.cancelWait(this.hot.runId, event.data.task);
  }

  private afterApply(event: RunEvent): void {
    if (event.type === 'RunPaused') this.paused(event);
    if (event.type === 'RunResumed') this.resumed(event);
    if (event.type === 'ChildRunStarted') this.news.push({ kind: 'begun', task: event.data.task, child: event.data });
    if (event.type === 'TaskScheduled' && event.data.assignment === null) this.park(event.data.task);
    if (event.type !== 'TaskScheduled' && event.type !== 'TaskAssigned') return;
    const { task, attempt, assignment } = event.data;
    if (assignment === null) return;
    if (assignment.permits !== undefined) this.parts.permits.hold(this.hot.runId, attemptName(task, attempt), assignment.permits);
    this.assigned.push({ task, attempt, worker: assignment.worker });
    if (this.hot.parked.delete(task)) this.parts.router.cancelWait(this.hot.runId, task);
  }

  private free(worker: string, agent: string, end: AttemptEnd | null): void {
    this.parts.router.release(worker, agent, end);
    this.freed.push({ worker, agent });
  }

  private paused({ data: { pausedBy: actor, reason } }: EventOf<'RunPaused'>): void {
    this.unparkAll();
    this.news.push({ kind: 'paused', actor, reason });
  }

  private resumed({ data: { resumedBy: actor, reason } }: EventOf<'RunResumed'>): void {
    this.parkWaiting();
    this.news.push({ kind: 'resumed', actor, reason });
  }

  /** A child that ended by itself is why its attempt failed; one that its parent gave up has to end. */
  private callBackChild(task: TaskState, event: EventOf<'TaskAttemptFailed' | 'TaskCancelled'>): void {
    const child = childOf(task);
    if (child === null || (event.type === 'TaskAttemptFailed' && event.data.cause === 'error')) return;
    const reason = event.type === 'TaskCancelled' ? event.data.reason : event.data.error.message;
    const force = this.command?.type === 'CancelRun' && this.command.force === true;
    this.news.push({ kind: 'called-back', child, reason, force });
  }

  /** A paused run takes no seat. A retry that is due is asked for again when it goes on. */
  private unparkAll(): void {
    const { hot, parts } = this;
    for (const task of hot.parked) parts.router.cancelWait(hot.runId, task);
    hot.parked.clear();
  }

  private parkWaiting(): void {
    for (const task of this.hot.state.openTasks) if (task.status === 'waiting') this.park(task.id);
  }

  private park(taskId: string): void {
    const { hot } = this;
    const task = hot.state.tasks.get(taskId);
    const attempt = task === undefined ? null : nextAttempt(task);
    if (task === undefined || attempt === null) return;
    hot.parked.add(taskId);
    this.parts.router.wait({ ...task, runId: hot.runId, task: taskId, attempt });
  }

  private encode(event: RunEvent): NewEvent {
    if (this.trace !== null) this.traceparent = this.trace.of(event);
    return newEvent(this.parts.runtime.ids.next(), runEvents[event.type], event.data, this.metadata());
  }

  /** One object for all events of a sender: the store writes out a shared one once. */
  private metadata(): EventMetadata {
    const { actor, traceparent } = this;
    if (this.lastMetadata?.actor === actor && this.lastMetadata.traceparent === traceparent) return this.lastMetadata;
    this.lastMetadata = eventMetadata({ correlationId: this.hot.runId, actor, traceparent });
    return this.lastMetadata;
  }
}

/** What an event's data holds beside names and numbers: values, errors, feedback. An assignment is bounded, about. */
function approximateDataBytes(data: object): number {
  let bytes = 0;
  for (const key in data) {
    const value: unknown = (data as Readonly<Record<string, unknown>>)[key];
    if (key === 'assignment') bytes += value === null ? 0 : MAX_ASSIGNMENT_BYTES;
    else if (typeof value === 'object' && value !== null) bytes += approximateBytes(value);
    else if (typeof value === 'string') bytes += value.length;
  }
  return bytes;
}

function endOf(event: RunEvent): AttemptEnd | null {
  if (event.type === 'TaskSucceeded') return { kind: 'succeeded', durationMs: event.data.durationMs };
  if (event.type !== 'TaskAttemptFailed' || event.data.cause === 'gate') return null;
  return { kind: 'failed', cause: event.data.cause, retried: event.data.retryAt !== null };
}

/** Bytes of the value's JSON text, about; walks no more than it must. */
function approximateBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * 1.1 + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += approximateBytes(item) + 1;
  else for (const key in value) bytes += key.length + 4 + approximateBytes((value as Readonly<Record<string, unknown>>)[key]);
  return bytes;
}
