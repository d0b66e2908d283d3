import { isTuttiError, toTuttiError } from '@tutti/kernel';
import type { EventFollower, WatchHandle } from '../inbox/event-follower.js';
import { OWN_SOURCE, type SeenEvent } from '../inbox/seen-event.js';
import type { HotRun } from '../owner/hot-run.js';
import { runStream } from '../owner/run-loader.js';
import type { RequestResolver } from '../owner/request-resolver.js';
import type { RunInstruction, Sender } from '../owner/run-instruction.js';
import { COORDINATOR_ACTOR } from '../run/coordinator-actor.js';
import { isOpen, type TaskState } from '../run/run.state.js';

/** The runs whose waits these are. */
interface WaitingRuns {
  send(runId: string, command: RunInstruction, sender?: Sender): Promise<unknown>;
  settled(runId: string): Promise<Pick<HotRun, 'state' | 'plan'>>;
}

interface EventWaitsParts {
  readonly events: Pick<EventFollower, 'watch'>;
  readonly resolver: Pick<RequestResolver, 'isAwaited' | 'refuseEvent'>;
  readonly runs: WaitingRuns;
}

/**
 * Follows the events that tasks of runs in memory wait for, each from the position that its wait began at: what came while the run was not in memory is
 * found when it is taken up. An event ends as many waits as want it, and each wait once: the run decides, the event is only offered.
 */
export class EventWaits {
  /** By run, then by task and attempt. */
  private readonly watches = new Map<string, Map<string, WatchHandle>>();
  private closed = false;

  constructor(private readonly parts: EventWaitsParts) {}

  /** Follows for what the run waits for now, and for nothing else. */
  follow({ runId, state }: Pick<HotRun, 'runId' | 'state'>): void {
    const { eventWaits } = state;
    const known = this.watches.get(runId);
    if (this.closed || (known === undefined && eventWaits.size === 0)) return;
    const kept = known ?? new Map<string, WatchHandle>();
    const open = new Set<string>();
    if (isOpen(state)) for (const task of eventWaits) open.add(this.watch(runId, task, kept));
    for (const [name, handle] of kept) {
      if (open.has(name)) continue;
      handle.close();
      kept.delete(name);
    }
    if (kept.size === 0) this.watches.delete(runId);
    else this.watches.set(runId, kept);
  }

  /** The run is not in memory any more. */
  leave(runId: string): void {
    for (const handle of this.watches.get(runId)?.values() ?? []) handle.close();
    this.watches.delete(runId);
  }

  close(): void {
    this.closed = true;
    for (const runId of [...this.watches.keys()]) this.leave(runId);
  }

  private watch(runId: string, { id, attempt, work }: TaskState, watches: Map<string, WatchHandle>): string {
    const name = `${id}#${attempt}`;
    if (work.kind !== 'event' || watches.has(name)) return name;
    const { eventType, source, after } = work;
    const request = source === null ? { eventType, after } : { eventType, after, source };
    watches.set(
      name,
      this.parts.events.watch(request, (event) => this.offer(runId, id, attempt, event)),
    );
    return name;
  }

  /** What it throws makes the follower offer the event again. */
  private async offer(runId: string, taskId: string, attempt: number, event: SeenEvent): Promise<void> {
    const { runs, resolver } = this.parts;
    try {
      const { state, plan } = await runs.settled(runId);
      const task = state.tasks.get(taskId);
      if (!isOpen(state) || task?.status !== 'begun' || task.attempt !== attempt || isBefore(task, event, runId)) return;
      if (!(await resolver.isAwaited({ state, plan }, task, event))) return;
      const refused = await resolver.refuseEvent({ state, plan }, task, event);
      if (refused !== null) return void (await runs.send(runId, { type: 'FailWait', task: taskId, attempt, error: refused }));
      await runs.send(runId, { type: 'TakeEvent', task: taskId, attempt, eventId: event.id, output: event.data }, senderOf(event));
    } catch (error) {
      if (isTuttiError(error, 'RUN_NOT_FOUND')) return;
      const { code, message } = toTuttiError(error);
      if (code !== 'EXPRESSION_FAILED') throw error;
      await runs.send(runId, { type: 'FailWait', task: taskId, attempt, error: { code, message } });
    }
  }
}

/** The run recorded it itself, before it waited. */
function isBefore({ work }: TaskState, { source, subject, recorded }: SeenEvent, runId: string): boolean {
  return work.kind === 'event' && source === OWN_SOURCE && subject === runStream(runId) && recorded.revision <= work.since;
}

/** The run goes on in the trace of the event. */
function senderOf({ recorded }: SeenEvent): Sender {
  return { actor: COORDINATOR_ACTOR, traceparent: recorded.metadata.traceparent };
}
