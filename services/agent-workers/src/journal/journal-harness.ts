import type { StepOptions } from '@tutti/agent-sdk';
import type { TaskEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { sha256Hex, TuttiError, type JsonValue } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger } from '@tutti/service-kit';
import type { JournalLimits } from './journal.decider.js';
import { taskStream } from './task-journal.js';
import { TaskSteps, type StepsHost } from './task-steps.js';

export const RUN = { runId: 'run-1', task: 'draft[0]' } as const;

interface AttemptOptions {
  readonly keptFrom?: number;
  readonly limits?: JournalLimits;
  /** What stands between this attempt and the store. */
  readonly wrap?: (store: EventStore) => EventStore;
}

/** One attempt of the task, with the end of it in a test's hands. */
export class HarnessAttempt {
  readonly superseded: string[] = [];
  readonly steps: TaskSteps;
  private readonly controller = new AbortController();
  private over: Error | null = null;

  constructor(
    harness: JournalHarness,
    number: number,
    { keptFrom = 1, limits = { maxSteps: 1_000, maxBytes: 1_000_000 }, wrap }: AttemptOptions,
  ) {
    const host: StepsHost = {
      owner: { ...RUN, attempt: number, keptFrom, agent: 'clerk' },
      signal: this.controller.signal,
      refuseWhenOver: () => {
        if (this.over !== null) throw this.over;
      },
      superseded: (error) => {
        this.superseded.push(error.message);
        this.abort(error);
      },
    };
    const { runtime, values, store } = harness;
    const delays = { retryDelayMs: 100, maxRetryDelayMs: 1_000 };
    this.steps = new TaskSteps({ store: wrap?.(store) ?? store, values, runtime, logger: silentLogger, limits, ...delays }, host);
  }

  step(name: string, work: Parameters<TaskSteps['step']>[1], options?: StepOptions<unknown>): Promise<JsonValue> {
    return this.steps.step(name, work, options);
  }

  abort(error: Error = new TuttiError('TIMED_OUT', 'it took too long')): void {
    this.over ??= error;
    this.controller.abort(this.over);
  }
}

/** A task's journal in memory, its attempts, and a count of what is asked of the store. */
export class JournalHarness {
  readonly runtime: ManualRuntime = createManualRuntime();
  readonly asked = { reads: 0, appends: 0 };
  readonly blobs = new Map<string, Uint8Array>();
  readonly store: EventStore;
  readonly values = createValueStore({
    inlineLimitBytes: 64 * 1024,
    cacheBytes: 0,
    blobs: {
      put: async (_, bytes) => (this.blobs.set(sha256Hex(bytes), bytes), sha256Hex(bytes)),
      get: async (_, hash) => this.blobs.get(hash) ?? new Uint8Array(),
    },
  });

  constructor() {
    const store = createInMemoryEventStore(this.runtime);
    this.store = over(store, {
      readStream: (stream, options) => (this.asked.reads++, store.readStream(stream, options)),
      append: (stream, events, expected) => (this.asked.appends++, store.append(stream, events, expected)),
    });
  }

  attempt(number: number, options: AttemptOptions = {}): HarnessAttempt {
    return new HarnessAttempt(this, number, options);
  }

  async events(): Promise<readonly TaskEvent[]> {
    const events: TaskEvent[] = [];
    for await (const event of this.store.readStream(taskStream(RUN.runId, RUN.task))) events.push(event as unknown as TaskEvent);
    return events;
  }

  async types(): Promise<readonly string[]> {
    return (await this.events()).map(({ type }) => type.replace(/^Task(Journal|Step)/, ''));
  }
}

/** The store with some of its methods replaced. */
export function over(store: EventStore, methods: Partial<Pick<EventStore, 'append' | 'readStream'>>): EventStore {
  return {
    append: methods.append ?? ((stream, events, expected) => store.append(stream, events, expected)),
    readStream: methods.readStream ?? ((stream, options) => store.readStream(stream, options)),
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    head: () => store.head(),
    loadSnapshot: (stream) => store.loadSnapshot(stream),
    saveSnapshot: (stream, snapshot) => store.saveSnapshot(stream, snapshot),
  };
}
