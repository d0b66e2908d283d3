import {
  prepareAppend,
  type AppendResult,
  type EventFilter,
  type EventStore,
  type EventSubscription,
  type ReadOptions,
  type SubscribeOptions,
} from '@tutti/event-store';
import { TuttiError, type RecordedEvent } from '@tutti/kernel';
import { asError } from '../world/as-error.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import type { Scheduler } from '../world/scheduler.js';
import { EventLog, readPage } from './event-log.js';
import { SimulatedSubscription } from './simulated-subscription.js';

type Prepared = ReturnType<typeof prepareAppend>;

interface Pending {
  readonly append: Prepared;
  readonly answer: (settle: { readonly result: AppendResult } | { readonly error: unknown }) => void;
}

/** What is wrong with the disk now. */
export interface DiskCondition {
  full: boolean;
  /** One fsync takes up to this long. */
  fsyncMs: number;
  /** The next commit fails. */
  failNextCommit: boolean;
}

interface StoreOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** Wall clock of the store's machine. */
  readonly now: () => number;
  /** One way between a process and the store. */
  readonly hopMs: readonly [least: number, most: number];
  /** The store has written something: for the bus and the observer. */
  readonly onCommitted: (events: readonly RecordedEvent[]) => void;
  /** A deliberate fault: an append is answered when it arrives. */
  readonly answersEarly: boolean;
}

/**
 * An event store whose appends become durable later, several in one commit, and are answered after it. It fails as the real ones do: a crash loses what is not yet
 * committed, a full disk refuses, a failed commit leaves open what reached the disk and refuses further writes until it was opened again.
 */
export class SimulatedEventStore {
  readonly log = new EventLog();
  readonly condition: DiskCondition = { full: false, fsyncMs: 1, failNextCommit: false };
  private readonly pending: Pending[] = [];
  /** Reached the disk by a commit that failed: seen when the store was opened again. */
  private unseen: Prepared[] = [];
  private subscriptions: SimulatedSubscription[] = [];
  private committing = false;
  private refuses = false;
  private life = 0;

  constructor(private readonly options: StoreOptions) {}

  /** The port, as one life of one process has it. */
  connect(life: Life): EventStore {
    return {
      append: (stream, events, expected) => this.append(life, stream, events, expected),
      readStream: (stream, options = {}) => this.read(life, () => readPage(this.log.stream(stream), options)),
      readAll: (options: ReadOptions & { readonly filter?: EventFilter } = {}) =>
        this.read(life, () => readPage(this.log.events, options, options.filter)),
      subscribe: (options) => this.subscribe(life, options),
      head: () => this.ask(life, () => this.log.head),
      loadSnapshot: (stream) => this.ask(life, () => this.log.snapshots.get(stream) ?? null),
      saveSnapshot: (stream, snapshot) => this.ask(life, () => void this.log.snapshots.set(stream, snapshot)),
    };
  }

  /** What is not committed may be on the disk or not, each append for itself; nobody is answered. Writes are taken again. */
  crash(): void {
    this.life++;
    for (const append of this.unseen.splice(0)) this.tryApply(append);
    const undecided = this.pending.splice(0);
    for (const { append, answer } of undecided) {
      if (this.options.chance.happens(0.5)) this.tryApply(append);
      answer({ error: unavailable('the event store was restarted; whether the append is durable is not known') });
    }
    this.committing = false;
    this.refuses = false;
    this.condition.failNextCommit = false;
    this.wakeAll();
  }

  get refusing(): boolean {
    return this.refuses;
  }

  private append(
    life: Life,
    stream: string,
    events: Parameters<EventStore['append']>[1],
    expected: Parameters<EventStore['append']>[2],
  ): Promise<AppendResult> {
    let append: Prepared;
    try {
      append = prepareAppend(stream, events, expected);
    } catch (error) {
      return Promise.reject(asError(error));
    }
    return new Promise<AppendResult>((resolve, reject) => {
      if (!life.call()) return;
      const answer: Pending['answer'] = (settle) => {
        life.schedule(this.hop(), () => ('error' in settle ? reject(asError(settle.error)) : resolve(settle.result)));
      };
      const { life: storeLife } = this;
      this.options.scheduler.after(this.hop(), () => {
        if (storeLife !== this.life) answer({ error: unavailable('the event store was restarted') });
        else this.take({ append, answer });
      });
    });
  }

  private take(pending: Pending): void {
    if (this.refuses) return pending.answer({ error: unavailable('a commit failed; the event store takes no more writes') });
    if (this.condition.full) return pending.answer({ error: new TuttiError('DISK_FULL', 'no room is left on the simulated disk') });
    if (this.options.answersEarly) this.answerEarly(pending);
    else this.pending.push(pending);
    this.commitLater();
  }

  private answerEarly({ append, answer }: Pending): void {
    const revision = this.log.stream(append.stream).length + append.events.length - 1;
    answer({ result: { revision, position: this.log.head + append.events.length, events: [] } });
    this.pending.push({ append, answer: () => undefined });
  }

  private commitLater(): void {
    if (this.committing || this.pending.length === 0) return;
    this.committing = true;
    const { scheduler, chance } = this.options;
    const { life } = this;
    scheduler.after(chance.skewed(0.1, this.condition.fsyncMs), () => {
      if (life !== this.life) return;
      this.committing = false;
      this.commit();
      this.commitLater();
    });
  }

  private commit(): void {
    const batch = this.pending.splice(0, this.options.chance.int(1, 64));
    if (this.condition.failNextCommit) return this.failCommit(batch);
    for (const { append, answer } of batch) answer(this.tryApply(append));
    this.wakeAll();
  }

  /** The batch is one transaction: it reached the disk as a whole or not at all, which shows when the store is opened again. */
  private failCommit(batch: readonly Pending[]): void {
    this.condition.failNextCommit = false;
    this.refuses = true;
    if (this.options.chance.happens(0.5)) this.unseen = batch.map(({ append }) => append);
    for (const { answer } of batch) {
      answer({ error: unavailable('a commit failed; whether it reached the disk is not known') });
    }
  }

  private tryApply(append: Prepared): { readonly result: AppendResult } | { readonly error: unknown } {
    const before = this.log.events.length;
    try {
      const result = this.log.apply(append, this.options.now());
      if (this.log.events.length > before) this.options.onCommitted(result.events);
      return { result };
    } catch (error) {
      return { error };
    }
  }

  private ask<Answer>(life: Life, answer: () => Answer): Promise<Answer> {
    return new Promise((resolve) => {
      if (life.call()) life.schedule(this.hop(), () => resolve(answer()));
    });
  }

  private async *read(life: Life, page: () => readonly RecordedEvent[]): AsyncIterable<RecordedEvent> {
    yield* await this.ask(life, page);
  }

  private subscribe(life: Life, options: SubscribeOptions): EventSubscription {
    const subscription = new SimulatedSubscription(options, life, this.log, this.options.chance, () => this.hop());
    this.subscriptions = this.subscriptions.filter((other) => other.isLive);
    this.subscriptions.push(subscription);
    return subscription;
  }

  private wakeAll(): void {
    for (const subscription of this.subscriptions) subscription.wake();
  }

  private hop(): number {
    const [least, most] = this.options.hopMs;
    return this.options.chance.skewed(least, most);
  }
}

function unavailable(message: string): TuttiError {
  return new TuttiError('STORE_UNAVAILABLE', message);
}
