import { upcast, type RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { isTuttiError, sha256Hex, toTuttiError, type Cancel, type NewEvent, type Runtime } from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import type { Plan } from '../definition/plan.js';
import type { ChildOutcome } from '../run/run.commands.js';
import { childAwaited, childOf } from '../run/run.children.js';
import { isOpen, type ChildRun, type RunParent, type RunState } from '../run/run.state.js';
import type { RunPlans } from '../workflow/run-plans.js';
import { outcomeOfChild, type RunEnd } from './child-outcome.js';
import type { HotRun } from './hot-run.js';
import { isPassing } from './is-passing.js';
import type { RunInstruction, Sender } from './run-instruction.js';
import type { RunTrace } from '../tracing/run-trace.js';
import { runStream } from './run-loader.js';
import { COORDINATOR_ACTOR } from '../run/coordinator-actor.js';

const AGAIN_MS = 1_000;
/** What has happened to a run that concerns its children. */
export type FamilyNews =
  | { readonly kind: 'begun'; readonly task: string; readonly child: ChildRun }
  | { readonly kind: 'called-back'; readonly child: ChildRun; readonly reason: string; readonly force: boolean }
  | { readonly kind: 'paused'; readonly actor: string; readonly reason: string }
  | { readonly kind: 'resumed'; readonly actor: string; readonly reason: string };

interface RunHolder {
  inMemory(runId: string): { readonly state: RunState; readonly plan: Plan; readonly trace: RunTrace | null } | undefined;
  peek(runId: string): Promise<{ readonly state: RunState; readonly plan: Plan }>;
  renewed(runId: string): Promise<{ readonly state: RunState; readonly plan: Plan }>;
  start(plan: Plan, command: Extract<RunInstruction, { type: 'StartRun' }>, sender: Sender): Promise<unknown>;
  send(runId: string, command: RunInstruction, sender?: Sender): Promise<unknown>;
  owns(runId: string): boolean;
}

interface ChildRunsParts {
  readonly runs: RunHolder;
  readonly plans: RunPlans;
  readonly values: ValueStore;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  /** Others append, too: what memory holds may be old. */
  readonly alone: boolean;
}

/**
 * Keeps runs and their children together. A child is recorded by its parent before it starts and its end is recorded by both, so whatever is missing between
 * two appends is found and made up for when either run is taken up again. What is done for one child is done one after the other.
 */
export class ChildRuns {
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly again = new Set<Cancel>();
  /** By run that is not in memory just now: children that it waited for, or gave up in an append without an answer. */
  private readonly children = new Map<string, Set<string>>();
  /** Children whose parents are asked whether they still wait. */
  private readonly asking = new Set<string>();
  private closed = false;

  constructor(private readonly parts: ChildRunsParts) {}

  /** Once it is durable. */
  follow(parent: HotRun, news: readonly FamilyNews[]): void {
    const { runId } = parent;
    for (const one of news) {
      if (one.kind === 'begun') this.inTurn(one.child.runId, () => this.begin(runId, one.task, one.child));
      else if (one.kind === 'called-back') this.callBack(one);
      else this.holdOrGoOn(parent, one);
    }
  }

  /** As {@link follow}, for what a child has recorded: its parent hears of its end. */
  followEnd({ runId, state }: HotRun, events: readonly NewEvent[]): void {
    const { parent } = state;
    if (parent === null || parent.detached || isOpen(state)) return;
    const end = events.map(({ type, data }) => ({ type, data }) as unknown as RunEvent).find(isEnd);
    const { traceparent = null } = events.at(-1)?.metadata ?? {};
    if (end !== undefined) this.inTurn(runId, () => this.tell(parent, runId, end, traceparent));
  }

  /** A run leaves memory: what is recorded of its children meanwhile, or was in the append that failed, they may not hear. */
  parted({ runId, state }: Pick<HotRun, 'runId' | 'state'>, news: readonly FamilyNews[] = []): void {
    const children = this.children.get(runId) ?? new Set();
    for (const child of waitedFor(state)) children.add(child);
    for (const one of news) if (one.kind === 'called-back' && !one.child.detached) children.add(one.child.runId);
    if (children.size > 0) this.children.set(runId, children);
  }

  /** A run turned out to have ended. Where its parent is not in memory, taking that up finds it out. */
  endedElsewhere({ runId, state: { parent } }: Pick<HotRun, 'runId' | 'state'>): void {
    if (parent !== null && !parent.detached && this.parts.runs.inMemory(parent.runId) !== undefined)
      this.inTurn(runId, () => this.tellEnd(parent, runId));
    this.askFormer(runId, new Set());
  }

  /** Others see to the families of runs that they answer for now. */
  letGo(): void {
    for (const runId of this.children.keys()) if (!this.parts.runs.owns(runId)) this.children.delete(runId);
  }

  /** A run has come into memory: neither its children nor its parent may have heard of what it recorded last, nor it of what they did. */
  takenUp({ runId, state }: HotRun): void {
    const { parent } = state;
    if (parent !== null) this.ask(runId, parent);
    for (const task of state.openTasks) {
      const child = childOf(task);
      if (child !== null) this.inTurn(child.runId, () => this.align(runId, task.id, child));
    }
    this.askFormer(runId, waitedFor(state));
  }

  close(): void {
    this.closed = true;
    for (const cancel of this.again) cancel();
    this.again.clear();
  }

  /** Children in memory that the run waited for when it was there before, and no longer does. */
  private askFormer(runId: string, waited: ReadonlySet<string>): void {
    const former = this.children.get(runId);
    if (former === undefined) return;
    this.children.delete(runId);
    for (const child of former) {
      const parent = this.parts.runs.inMemory(child)?.state.parent ?? null;
      if (parent !== null && !waited.has(child)) this.ask(child, parent);
    }
  }

  /** Once at a time: ending a child that cannot be ended yet loads it again and again, and each time it would be asked for. */
  private ask(childId: string, parent: RunParent): void {
    if (parent.detached || this.asking.has(childId)) return;
    this.asking.add(childId);
    const answered = (): void => void this.asking.delete(childId);
    this.inTurn(childId, () => this.askParent(childId, parent).then(answered), answered);
  }

  /** What cannot be done now is tried again until it can, or until it is no longer for this owner to do. */
  private inTurn(childId: string, act: () => Promise<void>, onGivenUp: () => void = () => undefined): void {
    if (this.closed) return;
    const before = this.underWay.get(childId);
    const done = before === undefined ? this.attempt(childId, act, onGivenUp) : before.then(() => this.attempt(childId, act, onGivenUp));
    this.underWay.set(childId, done);
    void done.then(() => {
      if (this.underWay.get(childId) === done) this.underWay.delete(childId);
    });
  }

  private async attempt(childId: string, act: () => Promise<void>, onGivenUp: () => void): Promise<void> {
    const { runs, runtime, logger } = this.parts;
    if (this.closed || !runs.owns(childId)) return onGivenUp();
    try {
      await act();
    } catch (error) {
      // Not closed before: taking the parent up makes up for what is left undone.
      if (this.closed || !runs.owns(childId) || isTuttiError(error, 'RUN_NOT_FOUND') || isTuttiError(error, 'RUN_ENDED'))
        return onGivenUp();
      logger.warn('a child run and its parent are not of one mind yet; it is tried again', { run: childId, err: error });
      const cancel = runtime.timers.after(AGAIN_MS, () => {
        this.again.delete(cancel);
        this.inTurn(childId, act, onGivenUp);
      });
      this.again.add(cancel);
    }
  }

  private waited(parentId: string, task: string, child: ChildRun): { readonly state: RunState; readonly plan: Plan } | null {
    const parent = this.parts.runs.inMemory(parentId);
    return parent !== undefined && childAwaited(parent.state, task, child.attempt)?.runId === child.runId ? parent : null;
  }

  /** Starts the child, once however often it is asked for, while its parent waits for it. */
  private async begin(parentId: string, task: string, child: ChildRun): Promise<void> {
    if (this.waited(parentId, task, child) === null) return;
    let plan: Plan;
    try {
      plan = await this.parts.plans.of(child);
    } catch (error) {
      if (isPassing(error)) throw error;
      const { code, message } = toTuttiError(error);
      return this.record(parentId, task, child, { outcome: 'failed', error: { code, message }, retryable: false });
    }
    const parent = this.waited(parentId, task, child);
    if (parent === null) return;
    await this.start(parent.state, task, child, plan);
    if (child.detached) {
      const output = { inline: { runId: child.runId, workflow: child.workflow } };
      return this.record(parentId, task, child, { outcome: 'succeeded', output });
    }
    await this.holdIfParentIs(parentId, child.runId);
  }

  private async start(parent: RunState, task: string, child: ChildRun, plan: Plan): Promise<void> {
    const { runId, workflow, workflowVersion, definitionHash, inputs, block, definition, variables, detached, attempt } = child;
    const { labels = parent.labels } = child;
    const { runs } = this.parts;
    await runs.start(
      plan,
      {
        type: 'StartRun',
        ...{ runId, workflow, workflowVersion, definitionHash, inputs, variables, labels, actor: parent.startedBy },
        ...{ idempotencyKey: null, requestHash: sha256Hex(`child run ${runId}`) },
        asChild: {
          parent: { runId: parent.runId, task, attempt, depth: (parent.parent?.depth ?? 0) + 1, detached },
          ...(block === undefined ? {} : { block }),
          ...(definition === undefined ? {} : { definition }),
        },
      },
      { actor: COORDINATOR_ACTOR, traceparent: runs.inMemory(parent.runId)?.trace?.contextOf(task) ?? null },
    );
  }

  private async tell(parent: RunParent, childId: string, end: RunEnd, traceparent: string | null = null): Promise<void> {
    const { runs, values } = this.parts;
    const { state, plan } = await runs.peek(parent.runId);
    const child = childAwaited(state, parent.task, parent.attempt);
    if (child?.runId !== childId) return;
    const outcome = await outcomeOfChild(values, { state, plan }, parent.task, childId, end);
    await this.record(parent.runId, parent.task, child, outcome, traceparent);
  }

  private async tellEnd(parent: RunParent, childId: string): Promise<void> {
    const last = await this.lastOf(childId);
    if (last !== null && isEnd(last)) await this.tell(parent, childId, last);
  }

  private async record(
    parentId: string,
    task: string,
    { runId, attempt }: ChildRun,
    outcome: ChildOutcome,
    traceparent: string | null = null,
  ): Promise<void> {
    const sender = { actor: COORDINATOR_ACTOR, traceparent };
    await this.parts.runs.send(parentId, { type: 'RecordChildEnd', task, attempt, runId, outcome }, sender);
  }

  private callBack({ child, reason, force }: Extract<FamilyNews, { kind: 'called-back' }>): void {
    if (!child.detached) this.inTurn(child.runId, () => this.cancel(child.runId, reason, force));
  }

  private async cancel(childId: string, reason: string, force: boolean): Promise<void> {
    const { runs } = this.parts;
    await runs.send(childId, { type: 'CancelRun', actor: COORDINATOR_ACTOR, reason, force }).catch((error: unknown) => {
      if (!isTuttiError(error, 'RUN_ENDED')) throw error;
    });
    // It undid something already when it was held with its parent; nobody else would let it go on.
    if (runs.inMemory(childId)?.state.status === 'paused')
      await runs.send(childId, { type: 'ResumeRun', actor: COORDINATOR_ACTOR, reason, withParent: true });
  }

  private holdOrGoOn({ runId, state }: HotRun, news: Extract<FamilyNews, { kind: 'paused' | 'resumed' }>): void {
    const { kind, actor, reason } = news;
    const type = kind === 'paused' ? 'PauseRun' : 'ResumeRun';
    for (const task of state.openTasks) {
      const child = childOf(task);
      if (child === null || child.detached) continue;
      this.inTurn(child.runId, async () => {
        // Where it could not be told at once, the parent may have changed again.
        if (this.parts.runs.inMemory(runId)?.state.status !== (kind === 'paused' ? 'paused' : 'running')) return;
        await this.parts.runs.send(child.runId, { type, actor, reason, withParent: true });
      });
    }
  }

  private async holdIfParentIs(parentId: string, childId: string): Promise<void> {
    const parent = this.parts.runs.inMemory(parentId);
    const child = this.parts.runs.inMemory(childId);
    if (parent === undefined || child === undefined) return;
    await this.bringInLine(parent.state, child.state);
  }

  /** The parent has recorded a child: it may not have started yet, or have ended unheard. */
  private async align(parentId: string, task: string, child: ChildRun): Promise<void> {
    if (this.waited(parentId, task, child) === null) return;
    const { runs, alone } = this.parts;
    const last = runs.inMemory(child.runId) === undefined ? await this.lastOf(child.runId) : undefined;
    if (last === null || child.detached) return this.begin(parentId, task, child);
    if (last !== undefined && isEnd(last)) {
      const parent = { runId: parentId, task, attempt: child.attempt, depth: 0, detached: false };
      return this.tell(parent, child.runId, last);
    }
    // Open runs are taken up one after the other; where others own runs as well, nobody may have done it.
    if (last !== undefined && !alone) await runs.peek(child.runId);
    await this.holdIfParentIs(parentId, child.runId);
  }

  /** A child that nobody waits for any more is cancelled. */
  private async askParent(childId: string, parent: RunParent): Promise<void> {
    const { runs } = this.parts;
    const isMine = ({ state }: { readonly state: RunState }): boolean =>
      childAwaited(state, parent.task, parent.attempt)?.runId === childId;
    const known = await runs.peek(parent.runId);
    if (isMine(known)) return this.holdIfParentIs(parent.runId, childId);
    if (isMine(await runs.renewed(parent.runId))) return;
    await this.cancel(childId, `task "${parent.task}" of run ${parent.runId} no longer waits for it`, false);
  }

  private async bringInLine(parent: RunState, child: RunState): Promise<void> {
    if (!isOpen(parent) || !isOpen(child)) return;
    const person = {
      actor: COORDINATOR_ACTOR,
      reason: `run ${parent.runId} ${parent.status === 'paused' ? 'is paused' : 'goes on'}`,
      withParent: true,
    };
    if (parent.status === 'paused' && child.status === 'running') await this.parts.runs.send(child.runId, { type: 'PauseRun', ...person });
    else if (parent.status === 'running' && child.pausedWithParent && child.status === 'paused')
      await this.parts.runs.send(child.runId, { type: 'ResumeRun', ...person });
  }

  /** Of the child as the store has it; results that came too late follow a run's end. Null when it has not started. */
  private async lastOf(childId: string): Promise<RunEvent | null> {
    for await (const recorded of this.parts.store.readStream(runStream(childId), { direction: 'backwards' })) {
      const event = upcast(recorded) as unknown as RunEvent;
      if (event.type !== 'TaskResultSuperseded') return event;
    }
    return null;
  }
}

function waitedFor({ openTasks }: Pick<RunState, 'openTasks'>): ReadonlySet<string> {
  const children = new Set<string>();
  for (const task of openTasks) {
    const child = childOf(task);
    if (child !== null && !child.detached) children.add(child.runId);
  }
  return children;
}

function isEnd(event: RunEvent): event is RunEnd {
  return event.type === 'RunSucceeded' || event.type === 'RunFailed' || event.type === 'RunCancelled';
}
