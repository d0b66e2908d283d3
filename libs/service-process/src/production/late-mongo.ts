import type { Blobs } from '@tutti/blobs';
import { isTuttiError, toTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import type { ReadModels } from '@tutti/read-models';
import type { MongoConnection } from '@tutti/read-models/mongodb';

interface LateMongoParts {
  /** Tries for a while. @throws TuttiError INVALID_CONFIG, which no waiting mends */
  readonly connect: (signal: AbortSignal) => Promise<MongoConnection>;
  readonly openReadModels: (mongo: MongoConnection) => Promise<ReadModels>;
  readonly openBlobs: (mongo: MongoConnection) => Promise<Blobs>;
  readonly runtime: Pick<Runtime, 'timers'>;
}

interface Opened {
  readonly mongo: MongoConnection;
  readonly readModels: ReadModels;
  readonly blobs: Blobs;
}

const AGAIN_MS = 1_000;

/** What stands on MongoDB, from the start, whether the database is there yet or not: whoever asks before it was reached is told that it is away. */
export class LateMongo {
  /** Resolves when it was reached. @throws TuttiError INVALID_CONFIG · SHUTTING_DOWN when it was closed before */
  readonly opened: Promise<void>;
  private readonly giveUp = new AbortController();
  private readonly opening: Promise<Opened>;
  private connected: MongoConnection | null = null;
  private reason = 'it was not reached yet';

  constructor(private readonly parts: LateMongoParts) {
    this.opening = this.open();
    this.opened = this.opening.then(() => undefined);
    this.opened.catch(() => undefined);
  }

  /** For whoever keeps documents of its own. @throws TuttiError STORE_UNAVAILABLE before it was reached */
  get connection(): MongoConnection['connection'] {
    if (this.connected === null) throw this.away();
    return this.connected.connection;
  }

  get where(): string {
    return this.connected?.where ?? 'MongoDB';
  }

  /** Why it is away; null when it is not. */
  get fault(): string | null {
    const state = this.connected?.state();
    if (state === undefined) return this.reason;
    return state.state === 'connected' ? null : state.state === 'closed' ? 'it was closed' : state.reason;
  }

  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.connected === null) throw this.away();
    return this.connected.use(work);
  }

  readonly readModels: ReadModels = {
    open: async (definition) => (await this.there()).readModels.open(definition),
    liveVersion: async (name) => (await this.there()).readModels.liveVersion(name),
    promote: async (name, version) => (await this.there()).readModels.promote(name, version),
  };

  readonly blobs: Blobs = {
    put: async (tenant, bytes) => (await this.there()).blobs.put(tenant, bytes),
    get: async (tenant, hash) => (await this.there()).blobs.get(tenant, hash),
    size: async (tenant, hash) => (await this.there()).blobs.size(tenant, hash),
    sweep: async (tenant, live, graceMs) => (await this.there()).blobs.sweep(tenant, live, graceMs),
  };

  async close(): Promise<void> {
    this.giveUp.abort();
    await this.opening.catch(() => undefined);
    await this.connected?.close();
  }

  private there(): Promise<Opened> {
    return this.connected === null ? Promise.reject(this.away()) : this.opening;
  }

  private async open(): Promise<Opened> {
    const { connect, openReadModels, openBlobs, runtime } = this.parts;
    for (;;) {
      try {
        this.connected ??= await connect(this.giveUp.signal);
        return { mongo: this.connected, readModels: await openReadModels(this.connected), blobs: await openBlobs(this.connected) };
      } catch (error) {
        this.reason = toTuttiError(error).message;
        if (this.giveUp.signal.aborted) throw new TuttiError('SHUTTING_DOWN', 'the process was stopped before MongoDB was reached');
        if (!isTuttiError(error) || !error.retryable) throw error;
      }
      await new Promise<void>((resolve) => runtime.timers.after(AGAIN_MS, resolve));
    }
  }

  private away(): TuttiError {
    return new TuttiError('STORE_UNAVAILABLE', `MongoDB cannot be used: ${this.reason}`, { retryable: true });
  }
}
