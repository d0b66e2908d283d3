import type { AttemptRef } from '@tutti/contracts';
import { isTuttiError, TuttiError, type JsonObject } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import { notOwner, SOLE_OWNERSHIP, type Ownership } from '../ownership/ownership.js';
import { assignedTo, lackedBy, type Assigned } from '../liveness/assignments.js';
import { attemptName } from '../limits/attempt-name.js';
import type { WaitingTask } from '../routing/waiting-tasks.js';
import type { RunCommand } from '../run/run.commands.js';
import { isOpen } from '../run/run.state.js';
import { DueQueue } from '../timers/due-queue.js';
import { refuseCommand, refuseStart } from './admission.js';
import { ChildRuns } from './child-runs.js';
import { EndedRuns } from './ended-runs.js';
import { newHotRun, nextDueMs, type Decided, type HotRun, type MailboxEntry, type Seat } from './hot-run.js';
import { HotRuns } from './hot-runs.js';
import { isPassing } from './is-passing.js';
import type { RunInstruction, Sender } from './run-instruction.js';
import { runStream } from './run-loader.js';
import type { RunOwnerParts } from './run-owner-parts.js';
import { RunReviver } from './run-reviver.js';
import { RunTurn } from './run-turn.js';
import { RunTrace } from '../tracing/run-trace.js';
import { traceOf } from '../tracing/trace-of.js';
import { EventWaits } from '../waits/event-waits.js';
import { COORDINATOR_ACTOR } from '../run/coordinator-actor.js';

export type { RunInstruction, Sender } from './run-instruction.js';

/** A run in memory, with the position of its newest durable event. */
type RunAsItIs = Readonly<Pick<HotRun, 'state' | 'plan' | 'position' | 'trace'>>;

const MAX_TRIES = 5;
const COORDINATOR: Sender = { actor: COORDINATOR_ACTOR };

/**
 * Holds open runs in memory and is the only one in this process that appends to them. Commands to one run are taken one turn after
 * the other; those that come while an append is under way share the next one. Correct without being alone: every append names the revision it builds on.
 */
export class RunOwner {
  private readonly runs: HotRuns;
  private readonly due: DueQueue;
  private readonly atWork = new Set<HotRun>();
  private readonly ended = new EndedRuns();
  /** As they were loaded; what their workers are was looked at. */
  private readonly recovered = new WeakSet<object>();
  private readonly reviver: RunReviver;
  private readonly waits: EventWaits;
  private readonly children: ChildRuns;
  private readonly ownership: Ownership;
  private recorded = 0;
  private closed = false;

  constructor(private readonly parts: RunOwnerParts) {
    this.ownership = parts.ownership ?? SOLE_OWNERSHIP;
    this.due = new DueQueue(parts.runtime, (runId) => this.tick(runId));
    this.runs = new HotRuns(parts, this.ownership, {
      onLoaded: (hot) => this.onLoaded(hot),
      onEnded: (hot) => this.onEnded(hot),
      onLeft: (hot) => {
        this.waits.leave(hot.runId);
        this.children.parted(hot);
      },
    });
    this.waits = new EventWaits({ ...parts, runs: this });
    this.reviver = new RunReviver(parts, this.ownership, {
      recover: (runId) => this.recover(runId),
      wake: (seats) => this.wake(seats),
    });
    this.children = new ChildRuns({ ...parts, runs: this, alone: this.ownership.alone });
  }

  openRuns(): number {
    return this.runs.size;
  }

  /** Appends to runs that it has made since its start: its share of the work, where there are several. */
  appends(): number {
    return this.recorded;
  }

  /**
   * Starts a run, or finds the one that the same request started.
   *
   * @throws TuttiError IDEMPOTENCY_CONFLICT, OVERLOADED, SHUTTING_DOWN, or what the store says
   */
  async start(plan: Plan, command: Extract<RunInstruction, { type: 'StartRun' }>, sender: Sender): Promise<Decided> {
    const { runId } = command;
    // Whoever loads it finds nothing as long as this start is not durable; the start must not share that answer.
    await this.runs.underLoad(runId)?.catch(() => undefined);
    if (!this.ownership.owns(runId)) throw notOwner(runId);
    if (!this.runs.has(runId) && !this.closed) {
      // A child is of a run that was taken on: refused, it would hold its parent up for ever.
      if (command.asChild === undefined) refuseStart(this.runs.size, this.parts.router.waitingCount(), this.parts.limits);
      const hot = newHotRun(runId, plan);
      hot.state.runId = runId;
      if (this.parts.tracer?.enabled === true) hot.trace = new RunTrace();
      this.runs.add(hot);
    }
    return this.send(runId, command, sender);
  }

  /** @throws TuttiError RUN_NOT_FOUND, what the decider refuses, or what the store says */
  async send(runId: string, command: RunInstruction, sender: Sender = COORDINATOR): Promise<Decided> {
    if (this.closed) throw new TuttiError('SHUTTING_DOWN', `run ${runId} cannot be changed: the coordinator is stopping`);
    if (!this.ownership.owns(runId)) throw notOwner(runId);
    const { clock, random } = this.parts.runtime;
    const full = { ...command, nowMs: clock.now(), random: random.next() } as RunCommand;
    return new Promise((resolve, reject) => {
      this.post(runId, { command: full, actor: sender.actor, traceparent: traceOf(sender, this.parts.tracer), tries: 0, resolve, reject });
    });
  }

  owns(runId: string): boolean {
    return this.ownership.owns(runId);
  }

  /** The run if it is in memory, as {@link peek} without waiting. */
  inMemory(runId: string): RunAsItIs | undefined {
    return this.ownership.owns(runId) ? this.runs.get(runId) : undefined;
  }

  /** The run in memory, loaded if need be. What it shows may be ahead of the store by an append that is under way. */
  async peek(runId: string): Promise<RunAsItIs> {
    if (!this.ownership.owns(runId)) throw notOwner(runId);
    return this.runs.get(runId) ?? this.runs.load(runId);
  }

  /** As {@link peek}, once no append is under way: nothing that it shows can still be undone. */
  async settled(runId: string): Promise<RunAsItIs> {
    for (let hot = this.runs.get(runId); hot?.busy === true; hot = this.runs.get(runId)) await hot.working;
    return this.peek(runId);
  }

  /** As {@link settled}, but where others append too: as the store has it now. For answers that nobody takes back, and that memory may be behind of. */
  async renewed(runId: string): Promise<RunAsItIs> {
    if (!this.ownership.alone) {
      for (let hot = this.runs.get(runId); hot?.busy === true; hot = this.runs.get(runId)) await hot.working;
      const hot = this.runs.get(runId);
      if (hot !== undefined) await this.reload(hot);
    }
    return this.settled(runId);
  }

  /** Loads a run and lets it go on; attempts whose worker is not here are given away. */
  async recover(runId: string): Promise<void> {
    try {
      const run = await this.peek(runId);
      const { state } = run;
      if (!isOpen(state)) return;
      this.recovered.add(run);
      const lost = [...state.openTasks].filter((task) => task.status === 'assigned' && !this.parts.presence.isExpected(task.worker ?? ''));
      for (const task of lost) await this.lose(runId, task.id, task.attempt, `worker ${task.worker ?? ''} did not come back`);
      await this.send(runId, { type: 'Tick' });
    } catch (error) {
      if (isPassing(error)) this.reviver.later(runId, []);
      throw error;
    }
  }

  /** Gives away what a worker held. */
  async workerGone(worker: string, reason: string): Promise<void> {
    await this.runs.loaded();
    await this.giveAway(worker, this.assignedTo(worker), reason);
  }

  /** Gives these attempts of a worker away, those of one run in one append. */
  async giveAway(worker: string, attempts: readonly AttemptRef[], reason: string): Promise<void> {
    await Promise.all(attempts.map((attempt) => this.loseOrRevive(attempt, reason)));
    if (attempts.length > 0) this.parts.logger.info('gave tasks of a worker away', { worker, tasks: attempts.length, reason });
  }

  /** What the worker has, as far as open runs in memory know. */
  assignedTo(worker: string): readonly Assigned[] {
    return assignedTo(worker, this.runs.values());
  }

  /** A seat came free for a task that waited. */
  assign(task: WaitingTask, assignment: Extract<RunInstruction, { type: 'AssignTask' }>['assignment']): void {
    const giveBack = (): void => {
      this.parts.router.release(assignment.worker, assignment.agent);
      if (assignment.permits !== undefined) this.parts.permits.giveBack(assignment.permits);
      this.parts.runtime.timers.soon(() => this.parts.router.wakeAgent(assignment.worker, assignment.agent));
    };
    this.send(task.runId, { type: 'AssignTask', task: task.task, attempt: task.attempt, assignment }).then(
      ({ events }) => {
        if (events.length === 0) giveBack();
      },
      (error: unknown) => {
        this.parts.logger.debug('a waiting task could not be assigned', { run: task.runId, task: task.task, err: error });
        giveBack();
      },
    );
  }

  /** Somebody else may have appended to the run, up to this revision: what memory holds of it is then taken up anew. */
  heed(runId: string, revision: number, hasEnded: boolean): void {
    const hot = this.runs.get(runId);
    const pending = this.runs.underLoad(runId) ?? (hot?.busy === true ? hot.working : undefined);
    if (pending !== undefined) {
      const again = (): void => this.heed(runId, revision, hasEnded);
      pending.then(again, again);
      return;
    }
    if (this.closed || !this.ownership.owns(runId)) return;
    if (hot === undefined ? hasEnded || this.ended.covers(runId, revision) : hot.revision >= revision) return;
    if (hasEnded) {
      if (hot !== undefined) {
        this.wake(this.runs.forget(hot));
        this.ended.note(runId, revision);
        this.children.endedElsewhere(hot);
      }
      this.parts.permits.reconcile(runId, []);
    } else if (hot !== undefined) void this.reload(hot).catch(() => undefined);
    else if (!this.reviver.has(runId)) void this.reviver.now(runId);
  }

  /** Lets the runs go that another coordinator answers for now; those in a turn, when it has ended. */
  letGo(): void {
    for (const hot of [...this.runs.values()]) {
      if (hot.busy || this.ownership.owns(hot.runId)) continue;
      this.wake(this.runs.forget(hot));
      this.parts.permits.letGo(hot.runId);
    }
    this.children.letGo();
  }

  /** Takes no more commands; resolves when every turn under way has ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.reviver.close();
    this.waits.close();
    this.children.close();
    this.due.close();
    await Promise.allSettled([...this.atWork].map(({ working }) => working));
  }

  private async lose(runId: string, task: string, attempt: number, reason: string): Promise<void> {
    await this.send(runId, { type: 'LoseAttempt', task, attempt, reason, maxLost: 50 });
  }

  private async loseOrRevive({ runId, task, attempt }: AttemptRef, reason: string): Promise<void> {
    try {
      await this.lose(runId, task, attempt, reason);
    } catch (error) {
      // Taking the run up again gives away what absent workers held.
      this.parts.logger.warn('a task could not be given away; it is tried again', { run: runId, task, err: error });
      this.reviver.later(runId, []);
    }
  }

  private post(runId: string, entry: MailboxEntry): void {
    const hot = this.runs.get(runId);
    if (hot !== undefined) return this.enqueue(hot, entry);
    this.runs.load(runId).then((loaded) => {
      // The run may have ended and left while it was loaded.
      const current = this.runs.get(runId) ?? loaded;
      this.runs.add(current);
      this.enqueue(current, entry);
    }, entry.reject);
  }

  private enqueue(hot: HotRun, entry: MailboxEntry): void {
    try {
      refuseCommand(hot.runId, entry.command, hot.mailbox.length, this.parts.limits);
    } catch (error) {
      entry.reject(error);
      return;
    }
    hot.mailbox.push(entry);
    if (hot.busy) return;
    hot.busy = true;
    this.atWork.add(hot);
    hot.working = this.work(hot);
  }

  private onLoaded(hot: HotRun): void {
    this.waits.follow(hot);
    this.armTimer(hot);
    this.children.takenUp(hot);
    for (const attempt of lackedBy(this.parts.presence, hot)) void this.loseOrRevive(attempt, 'its worker came back without it');
    // Whatever asked for it, it may be new here: with attempts of workers that are long gone.
    if (this.ownership.alone) return;
    this.parts.runtime.timers.soon(() => {
      if (!this.recovered.has(hot)) void this.reviver.now(hot.runId);
    });
  }

  /** Whoever ended it may not have got to tell its family: another owner, or this one, which had no answer to that append. */
  private onEnded(hot: HotRun): void {
    if (!this.ownership.alone) this.ended.note(hot.runId, hot.revision);
    this.children.endedElsewhere(hot);
  }

  private async work(hot: HotRun): Promise<void> {
    for (let more = true; more;) {
      const turn = new RunTurn(hot, this.parts);
      try {
        const turning = turn.run();
        if (turning instanceof Promise) await turning;
        await this.commit(hot, turn);
      } catch (error) {
        this.atWork.delete(hot);
        this.discard(hot, turn, error);
        return;
      }
      more = turn.isFull || hot.mailbox.length > 0;
    }
    hot.busy = false;
    this.atWork.delete(hot);
    if (isOpen(hot.state)) this.armTimer(hot);
    else this.runs.drop(hot);
    if (this.ownership.alone) return;
    if (!isOpen(hot.state)) this.ended.note(hot.runId, hot.revision);
    this.letGo();
  }

  private async commit(hot: HotRun, turn: RunTurn): Promise<void> {
    if (turn.events.length > 0) {
      const expected = hot.revision < 0 ? 'no-stream' : hot.revision;
      const append = () => this.parts.store.append<JsonObject>(runStream(hot.runId), turn.events, expected);
      const { revision, position } = await (turn.trace === null ? append() : turn.trace.within(append));
      hot.revision = revision;
      hot.position = position;
      this.recorded += 1;
    }
    turn.trace?.durable();
    for (const { entry, events } of turn.taken) entry.resolve({ events, position: hot.position });
    this.waits.follow(hot);
    if (turn.news.length > 0) this.children.follow(hot, turn.news);
    if (hot.state.parent !== null) this.children.followEnd(hot, turn.events);
    for (const attempt of turn.ended) this.parts.permits.free(hot.runId, attempt);
    this.wake(turn.freed);
    for (const { task, attempt, worker } of turn.assigned) {
      // It left after it was chosen: whoever gave its tasks away did not see this one.
      if (this.parts.router.isPresent(worker)) continue;
      this.lose(hot.runId, task, attempt, `worker ${worker} left`).catch(() => this.reviver.later(hot.runId, []));
    }
  }

  private wake(seats: readonly Seat[]): void {
    for (const { worker, agent } of seats) this.parts.router.wakeAgent(worker, agent);
  }

  /**
   * The append failed: what memory holds is no longer what the store holds. Forget it, and answer or repeat what was asked. Every seat of the run is
   * given up, to be counted again when the run is loaded; a seat that came with a command goes back to whoever sent it. Permits stay out until
   * then: what holds them may be durable.
   */
  private discard(hot: HotRun, turn: RunTurn, error: unknown): void {
    const seats: Seat[] = [...turn.freed, ...this.runs.forget(hot)];
    this.children.parted(hot, turn.news);
    for (const { entry, events } of turn.taken) {
      const { command } = entry;
      if (command.type !== 'AssignTask' || events.length === 0) continue;
      this.parts.router.occupy(command.assignment.worker, command.assignment.agent);
    }
    const entries = [...turn.taken.map(({ entry }) => entry), ...hot.mailbox.splice(0)];
    const again = isTuttiError(error, 'REVISION_CONFLICT') && !this.closed;
    if (!again) this.parts.logger.warn('a run could not be changed', { run: hot.runId, err: error });
    for (const entry of entries) {
      if (again && entry.tries < MAX_TRIES) this.decideAgain(hot.runId, entry);
      else entry.reject(error);
    }
    // A start, too: its append may have reached the store though its answer did not come back.
    this.reviver.later(hot.runId, seats);
  }

  private decideAgain(runId: string, entry: MailboxEntry): void {
    const { command } = entry;
    if (command.type === 'AssignTask' && command.assignment.permits !== undefined)
      this.parts.permits.unhold(runId, attemptName(command.task, command.attempt), command.assignment.permits);
    this.post(runId, { ...entry, tries: entry.tries + 1 });
  }

  /** As the store has it now. Its seats stay taken until they are counted again: nobody else gets them in between. */
  private async reload(hot: HotRun): Promise<void> {
    const seats = this.runs.takeOut(hot);
    void this.reviver.now(hot.runId);
    await this.peek(hot.runId).finally(() => this.wake(this.runs.release(seats)));
  }

  private armTimer(hot: HotRun): void {
    const atMs = nextDueMs(hot);
    if (atMs < Infinity) this.due.arm(hot.runId, atMs);
  }

  private tick(runId: string): void {
    // A run that is not in memory has ended, or is about to be taken up again.
    if (!this.runs.has(runId)) return;
    this.send(runId, { type: 'Tick' }).catch(() => this.reviver.later(runId, []));
  }
}
