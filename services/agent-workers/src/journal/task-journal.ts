import { taskEvents, upcast, type TaskEvent } from '@tutti/contracts';
import { handleCommand, MAX_APPEND_BYTES, type EventStore } from '@tutti/event-store';
import { eventMetadata, newEvent, isTuttiError, toTuttiError, type NewEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { journalDecider, type JournalCommand, type JournalLimits, type JournalOwner, type StepEntry } from './journal.decider.js';
import { sizeOf, type JournalState } from './journal.state.js';
import { PatientRetries } from './patient-retries.js';

export interface TaskJournalParts {
  readonly store: Pick<EventStore, 'append' | 'readStream' | 'loadSnapshot' | 'saveSnapshot'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly limits: JournalLimits;
  /** Wait before an append is tried again, doubled up to the longest. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
}

interface Pending {
  readonly entry: StepEntry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An attempt that was taken over from may still be writing, and be faster each time. */
const TRIES_AGAINST_OTHERS = 50;
/** Room for the envelopes of the events that share an append. */
const BATCH_BYTES = MAX_APPEND_BYTES / 2;

/** The stream of one task's steps: those of a run begin with the run's id. */
export function taskStream(runId: string, task: string): string {
  return `task-${runId}/${task}`;
}

/**
 * One attempt's hold on its task's journal. The stream is read once; what ends while an append is under way shares the next one. Every
 * append names the revision it builds on, so an attempt that a later one has taken over from finds out at its next step.
 */
export class TaskJournal {
  /** Keeps trying until the attempt is over, so that an effect is not forgotten because of a full disk. */
  readonly retries: PatientRetries;
  private readonly stream: string;
  private opening: Promise<JournalState> | null = null;
  private readonly queue: Pending[] = [];
  private writing = false;

  constructor(
    private readonly parts: TaskJournalParts,
    private readonly owner: JournalOwner,
    private readonly onSuperseded: (error: Error) => void,
  ) {
    this.stream = taskStream(owner.runId, owner.task);
    this.retries = new PatientRetries(parts.runtime, parts);
  }

  /** What the task has done, and from now on keeps earlier attempts out. @throws TuttiError CANCELLED when a later attempt was here first */
  open(): Promise<JournalState> {
    // A failed opening has changed nothing that the next one could not do again.
    this.opening ??= this.retries
      .until(() => this.handle({ type: 'Open', owner: this.owner }))
      .catch((error: unknown) => {
        this.opening = null;
        throw error;
      });
    return this.opening;
  }

  /** Resolves when the entry is durable. @throws TuttiError CANCELLED when a later attempt has taken over, PAYLOAD_TOO_LARGE at the limits */
  async record(entry: StepEntry): Promise<void> {
    await this.open();
    return new Promise((resolve, reject) => {
      this.queue.push({ entry, resolve, reject });
      if (!this.writing) void this.write();
    });
  }

  /** Ends waits; what is not durable stays undone. */
  close(): void {
    this.retries.close();
  }

  private async write(): Promise<void> {
    this.writing = true;
    // Steps that end together have queued up by the next microtask.
    await Promise.resolve();
    while (this.queue.length > 0) {
      try {
        await this.writeSome(await this.open());
      } catch (error) {
        for (const { reject } of this.queue.splice(0)) reject(error);
      }
    }
    this.writing = false;
  }

  private async writeSome(state: JournalState): Promise<void> {
    const expected = state.events === 0 ? 'no-stream' : state.events - 1;
    const events: TaskEvent[] = [];
    const taken: Pending[] = [];
    for (let bytes = 0; this.queue.length > 0 && (taken.length === 0 || bytes < BATCH_BYTES);) {
      const pending = this.queue.shift();
      if (pending === undefined) break;
      try {
        const decided = journalDecider.decide(this.command(pending.entry), state);
        for (const event of decided) journalDecider.evolve(state, event);
        bytes += decided.reduce((sum, event) => sum + sizeOf(event), 0);
        events.push(...decided);
        taken.push(pending);
      } catch (error) {
        pending.reject(error);
      }
    }
    try {
      if (events.length > 0) await this.parts.store.append(this.stream, events.map(this.encode), expected);
      for (const { resolve } of taken) resolve();
    } catch (error) {
      // What memory holds is no longer what the store holds: from here the store is asked, entry by entry.
      if (!isTuttiError(error, 'REVISION_CONFLICT')) this.parts.logger.warn('steps could not be recorded yet', this.fields(error));
      for (const pending of taken) await this.insist(pending);
    }
  }

  private async insist({ entry, resolve, reject }: Pending): Promise<void> {
    try {
      const state = await this.retries.until(() => this.handle(this.command(entry)));
      this.opening = Promise.resolve(state);
      resolve();
    } catch (error) {
      this.opening = null;
      reject(error);
    }
  }

  private command(entry: StepEntry): JournalCommand {
    return { type: 'Record', owner: this.owner, entry, limits: this.parts.limits };
  }

  private async handle(command: JournalCommand): Promise<JournalState> {
    const { store } = this.parts;
    const handling = { stream: this.stream, decider: journalDecider, command, encode: this.encode, decode, attempts: TRIES_AGAINST_OTHERS };
    try {
      return (await handleCommand(store, handling)).state;
    } catch (error) {
      if (isTuttiError(error, 'CANCELLED')) this.onSuperseded(error);
      throw error;
    }
  }

  private readonly encode = (event: TaskEvent): NewEvent => {
    const metadata = eventMetadata({ correlationId: this.owner.runId, actor: `agent:${this.owner.agent}` });
    return newEvent(this.parts.runtime.ids.next(), taskEvents[event.type], event.data, metadata);
  };

  private fields(error: unknown): Readonly<Record<string, unknown>> {
    const { runId, task, attempt } = this.owner;
    return { runId, task, attempt, err: toTuttiError(error) };
  }
}

function decode(event: RecordedEvent): TaskEvent {
  return upcast(event) as unknown as TaskEvent;
}
