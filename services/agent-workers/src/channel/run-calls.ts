import { isJsonObject, toTuttiError, TuttiError, type Cancel, type Timers } from '@tutti/kernel';
import type { CoordinatorStream } from './coordinator-stream.js';

interface RunCallsParts {
  /** Undefined while nobody answers for the run. */
  readonly ownerOf: (runId: string) => CoordinatorStream | undefined;
  /** Has the table looked at. */
  readonly refresh: () => void;
  readonly timers: Pick<Timers, 'after'>;
  /** Calls without an answer; one more is refused with OVERLOADED. */
  readonly most: number;
}

interface RunCall {
  readonly runId: string;
  readonly send: (to: CoordinatorStream) => Promise<unknown>;
  /** What was said by one who no longer answers for the run holds all the same. */
  readonly holdsFromAnyone: boolean;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: TuttiError) => void;
  /** Whose answer counts; null while it waits for somebody. */
  at: CoordinatorStream | null;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/**
 * Calls about runs. Each is with whoever answers for its run; it moves when another does, and waits while nobody does. It is answered by the owner of the run
 * as this process knows it when the answer comes, or ends with SHUTTING_DOWN when this end is closed.
 */
export class RunCalls {
  private readonly open = new Set<RunCall>();
  private readonly parked = new Set<RunCall>();
  private waitMs = FIRST_WAIT_MS;
  private cancelTimer: Cancel | null = null;
  private closed = false;

  constructor(private readonly parts: RunCallsParts) {}

  /** @throws what the owner throws · TuttiError OVERLOADED, SHUTTING_DOWN */
  ask<Answer>(runId: string, send: (to: CoordinatorStream) => Promise<Answer>, holdsFromAnyone = false): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.closed) return reject(closedError());
      const { most } = this.parts;
      if (this.open.size >= most)
        return reject(new TuttiError('OVERLOADED', `${this.open.size} calls wait for coordinators; at most ${most} are taken`));
      const call: RunCall = { runId, send, holdsFromAnyone, resolve, reject, at: null };
      this.open.add(call);
      this.route(call);
    });
  }

  /** Another may answer for some of the runs now. */
  move(): void {
    this.waitMs = FIRST_WAIT_MS;
    for (const call of [...this.open]) if (call.at !== (this.parts.ownerOf(call.runId) ?? null)) this.route(call);
  }

  close(): void {
    this.closed = true;
    this.cancelTimer?.();
    for (const { reject } of this.open) reject(closedError());
    this.open.clear();
    this.parked.clear();
  }

  private route(call: RunCall): void {
    const owner = this.parts.ownerOf(call.runId) ?? null;
    call.at = owner;
    if (owner === null) return this.park(call);
    this.parked.delete(call);
    call.send(owner).then(
      (answer) => {
        if (call.at === owner || call.holdsFromAnyone) this.settle(call, () => call.resolve(answer as never));
      },
      (thrown: unknown) => {
        if (call.at !== owner || !this.open.has(call)) return;
        const error = toTuttiError(thrown);
        if (isNotBegun(error)) this.park(call);
        else this.settle(call, () => call.reject(error));
      },
    );
  }

  /** Until the table changes, or for a while: who refused it may be about to learn that it is the owner. */
  private park(call: RunCall): void {
    call.at = null;
    this.parked.add(call);
    this.cancelTimer ??= this.parts.timers.after(this.waitMs, () => {
      this.cancelTimer = null;
      this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
      this.parts.refresh();
      for (const waiting of [...this.parked]) this.route(waiting);
    });
  }

  private settle(call: RunCall, tell: () => void): void {
    this.waitMs = FIRST_WAIT_MS;
    this.parked.delete(call);
    if (this.open.delete(call)) tell();
  }
}

function closedError(): TuttiError {
  return new TuttiError('SHUTTING_DOWN', 'the channel to the coordinators was closed');
}

/** It was refused before it was looked at: the run is another's, or nothing is taken yet or any more. */
function isNotBegun({ code, details }: TuttiError): boolean {
  return code === 'SHUTTING_DOWN' && details !== undefined && isJsonObject(details) && details['begun'] === false;
}
