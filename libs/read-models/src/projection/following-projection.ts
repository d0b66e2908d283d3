import type { EventStore, EventSubscription } from '@tutti/event-store';
import { toTuttiError, TuttiError, type Cancel, type JsonObject, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { DocumentWrite, ReadModel } from '../read-models.port.js';
import { DocumentCache } from './document-cache.js';
import type { Gathering } from './gathering.js';
import { PositionWaiters } from './position-waiters.js';
import { foldEvents, PoisonEventError, touchedKeys, type FoldedDocument } from './projection-fold.js';
import type { Projection } from './projection.js';
import { settled } from './settled.js';
import type { ProjectionLogger, ProjectionStatus, RunningProjection } from './running-projection.js';

interface FollowingOptions<Doc extends JsonObject> {
  readonly projection: Projection<Doc>;
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  readonly model: ReadModel<Doc>;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: ProjectionLogger | null;
  readonly maxBatch: number;
  readonly cachedDocuments: number;
  /** A checkpoint that no document came with is written this late: losing it costs reading those events again. */
  readonly idleCheckpointMs: number;
  readonly gathering: Gathering | null;
  readonly othersMayWrite: boolean;
  readonly checkpoint: number;
  /** Head of the store at the start. */
  readonly target: number;
  readonly promote: () => Promise<void>;
  readonly onChange: () => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export class FollowingProjection<Doc extends JsonObject> implements RunningProjection<Doc> {
  readonly model: ReadModel<Doc>;
  readonly caughtUp: Promise<void>;
  private readonly name: string;
  private readonly cache: DocumentCache<Doc>;
  private readonly waiters: PositionWaiters;
  private readonly settleCaughtUp: { readonly resolve: () => void; readonly reject: (error: TuttiError) => void };
  private readonly fields: Readonly<Record<string, unknown>>;
  private folded: number;
  private saved: number;
  private reached = false;
  private failure: { readonly error: TuttiError; readonly failedAt: number | null } | null = null;
  private retrying: TuttiError | null = null;
  private closing: Promise<void> | null = null;
  private subscription: EventSubscription | null = null;
  private lastStep: Promise<unknown> = Promise.resolve();
  private cancelIdle: Cancel | null = null;
  private endPause: () => void = () => undefined;

  constructor(private readonly options: FollowingOptions<Doc>) {
    const { projection, model, runtime, checkpoint } = options;
    this.model = model;
    this.name = `${projection.name} v${projection.version}`;
    this.fields = { projection: projection.name, version: projection.version };
    this.cache = new DocumentCache(model, options.cachedDocuments);
    this.waiters = new PositionWaiters(this.name, runtime.timers);
    this.folded = checkpoint;
    this.saved = checkpoint;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.caughtUp = promise;
    // Whoever awaits it sees the rejection; nobody has to.
    promise.catch(() => undefined);
    this.settleCaughtUp = { resolve: () => resolve(undefined), reject };
  }

  async start(): Promise<void> {
    if (this.folded >= this.options.target) await this.reachTarget();
    this.follow(0);
  }

  position(): number {
    return this.folded;
  }

  async lag(): Promise<number> {
    return Math.max(0, (await this.options.store.head()) - this.folded);
  }

  status(): ProjectionStatus {
    const position = this.folded;
    if (this.failure !== null) return { state: 'failed', position, ...this.failure };
    if (this.closing !== null) return { state: 'closed', position };
    if (this.retrying !== null) return { state: 'retrying', position, error: this.retrying };
    return { state: this.reached ? 'following' : 'catching-up', position };
  }

  async waitFor(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (position <= this.folded) return;
    if (this.failure !== null) throw this.failure.error;
    if (this.closing !== null) throw this.closedError();
    await this.waiters.wait(position, timeoutMs, () => this.folded, signal);
  }

  async freshen(limitMs: number): Promise<void> {
    const { store, runtime } = this.options;
    // A store of another process may itself be waited for.
    await settled(runtime.timers, limitMs, async () => this.waitFor(await store.head(), limitMs));
  }

  close(): Promise<void> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<void> {
    this.endPause();
    this.options.gathering?.hurry();
    await this.subscription?.close();
    this.cancelIdle?.();
    await this.saveCheckpoint();
    this.waiters.rejectAll(this.closedError());
    this.settleCaughtUp.reject(this.closedError());
  }

  private follow(attempt: number): void {
    const { store, projection, maxBatch, gathering } = this.options;
    let retries = attempt;
    const onBatch = async (events: readonly RecordedEvent[], head: number) => {
      retries = 0;
      await this.foldPatiently(events, head);
      if (gathering !== null && this.isFollowing() && events.length > 0 && events.length < maxBatch) await gathering.rest();
    };
    const again = async (error: TuttiError) => {
      if (this.failure !== null || this.closing !== null) return;
      if (!error.retryable) return this.fail(error, null);
      await this.pause(error, retries);
      if (this.closing === null) this.follow(retries + 1);
    };
    try {
      this.subscription = store.subscribe({ after: this.folded, filter: projection.handles, maxBatch, onBatch });
    } catch (error) {
      void again(toTuttiError(error));
      return;
    }
    this.retrying = null;
    const ended = () => again(new TuttiError('SHUTTING_DOWN', 'the event store ended the subscription', { retryable: false }));
    void this.subscription.ended.then(ended, (error: unknown) => again(toTuttiError(error)));
  }

  /** Folds the batch however long a port that may recover takes. Throws what is final. */
  private async foldPatiently(events: readonly RecordedEvent[], head: number): Promise<void> {
    for (let attempt = 0; this.closing === null; attempt++) {
      try {
        await this.foldOrStopBefore(events, head);
        this.retrying = null;
        return;
      } catch (thrown) {
        this.cache.clear();
        const error = toTuttiError(thrown);
        if (!error.retryable) {
          this.fail(error, thrown instanceof PoisonEventError ? thrown.event.position : null);
          throw error;
        }
        await this.pause(error, attempt);
      }
    }
  }

  /** Folds all of the batch, or what comes before the event it then throws. */
  private async foldOrStopBefore(events: readonly RecordedEvent[], head: number): Promise<void> {
    try {
      await this.foldBatch(events, head);
    } catch (error) {
      if (!(error instanceof PoisonEventError)) throw error;
      this.cache.clear();
      const { position } = error.event;
      const before = events.filter((event) => event.position < position);
      if (position - 1 > this.folded) await this.foldOrStopBefore(before, position - 1);
      throw error;
    }
  }

  private async foldBatch(events: readonly RecordedEvent[], head: number): Promise<void> {
    if (events.length > 0) {
      const touching = touchedKeys(this.options.projection, events);
      const documents = await this.cache.load(new Set(touching.flatMap(({ keys }) => keys)));
      const changed = foldEvents(this.options.projection, touching, documents);
      await this.write(documents, changed, head);
      this.cache.keep(documents);
    }
    this.folded = Math.max(this.folded, head);
    if (this.folded > this.saved) this.saveCheckpointLater();
    this.waiters.advance(this.folded);
    this.options.onChange();
    if (!this.reached && this.folded >= this.options.target) await this.reachTarget();
  }

  private async write(
    documents: ReadonlyMap<string, FoldedDocument<Doc>>,
    changed: ReadonlySet<string>,
    checkpoint: number,
  ): Promise<void> {
    const writes: DocumentWrite<Doc>[] = [];
    for (const key of changed) {
      const folded = documents.get(key);
      // What came and went within the batch, or never came, was never stored and need not be removed; unless another has stored it meanwhile, in a shorter batch.
      if (folded === undefined || (folded.document === null && !folded.stored && !this.options.othersMayWrite)) continue;
      writes.push({ key, document: folded.document, position: folded.position });
      folded.stored = folded.document !== null;
    }
    if (writes.length > 0) await this.step(writes, checkpoint);
  }

  /** One step at a time: a checkpoint written late must not meet a batch. */
  private step(writes: readonly DocumentWrite<Doc>[], checkpoint: number): Promise<void> {
    const write = async () => {
      await this.model.write(writes, checkpoint);
      this.saved = Math.max(this.saved, checkpoint);
    };
    const step = this.lastStep.then(write, write);
    this.lastStep = step.catch(() => undefined);
    return step;
  }

  private async reachTarget(): Promise<void> {
    await this.options.promote();
    this.reached = true;
    this.settleCaughtUp.resolve();
    this.options.onChange();
    this.options.logger?.info('projection has caught up and is live', { ...this.fields, position: this.folded });
  }

  private saveCheckpointLater(): void {
    this.cancelIdle ??= this.options.runtime.timers.after(this.options.idleCheckpointMs, () => {
      this.cancelIdle = null;
      void this.saveCheckpoint();
    });
  }

  private async saveCheckpoint(): Promise<void> {
    if (this.failure !== null || this.folded <= this.saved) return;
    try {
      await this.step([], this.folded);
    } catch (error) {
      this.options.logger?.warn('checkpoint not written; the next step brings it', { ...this.fields, position: this.folded, err: error });
    }
  }

  private async pause(error: TuttiError, attempt: number): Promise<void> {
    const delayMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
    this.retrying = error;
    this.options.onChange();
    this.options.logger?.warn('projection waits for a port to recover', { ...this.fields, position: this.folded, delayMs, err: error });
    await new Promise<void>((resolve) => {
      const cancel = this.options.runtime.timers.after(delayMs, resolve);
      this.endPause = () => {
        cancel();
        resolve();
      };
      if (this.closing !== null) this.endPause();
    });
  }

  private isFollowing(): boolean {
    return this.reached && this.closing === null && this.failure === null;
  }

  private fail(error: TuttiError, failedAt: number | null): void {
    this.failure = { error, failedAt };
    this.options.onChange();
    this.cancelIdle?.();
    this.options.logger?.error('projection failed and has stopped', { ...this.fields, position: this.folded, failedAt, err: error });
    this.waiters.rejectAll(error);
    this.settleCaughtUp.reject(error);
  }

  private closedError(): TuttiError {
    return new TuttiError('SHUTTING_DOWN', `projection ${this.name} is closed at position ${this.folded}`);
  }
}
