import type { EventStore } from '@tutti/event-store';
import { TuttiError, toTuttiError, type Cancel, type JsonObject, type Runtime } from '@tutti/kernel';
import type { ReadModel, ReadModels } from '../read-models.port.js';
import { Gathering } from './gathering.js';
import { LogWatch } from './log-watch.js';
import { PositionWaiters } from './position-waiters.js';
import { startProjection, type StartProjectionOptions } from './projection-runner.js';
import type { ProjectionHost } from './projection-host.js';
import type { Projection } from './projection.js';
import type { ProjectionStatus, RunningProjection } from './running-projection.js';
import { settled } from './settled.js';

/** This process's part in what one of several processes does at a time. */
export interface FoldingTurn {
  /** Waits for it in the background. */
  begin(): void;
  /** Stops, and lets the next process have it. */
  end(): Promise<void>;
}

export interface FoldingLife {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface SeatedProjectionsOptions extends Omit<
  StartProjectionOptions<JsonObject>,
  'projection' | 'onChange' | 'gathering' | 'othersMayWrite'
> {
  /**
   * @param name of a projection's version: while processes of two releases run, each version has somebody who folds it
   * @param life begun each time that this process is the one, stopped when it no longer is
   */
  readonly turn: (name: string, life: FoldingLife) => FoldingTurn;
  /** Whether other processes may wait for what this one folds. Default: they may. */
  readonly hasOthers?: () => boolean;
}

/** How soon it is looked how far another process is: while somebody waits, while something is not folded, and else, to know that the storage is there. */
const QUICK_LOOK_MS = 25;
const SLOW_LOOK_MS = 500;
const IDLE_LOOK_MS = 5_000;
/** Between two steps, while nobody in this process waits. Who waits in another one cannot be known of, and pays at most this. */
const REST_MS = 25;
const REST_ALONE_MS = 50;

/**
 * Projections of which one process at a time folds each; the others follow what is stored. Since a step is some calls to a server, events gather between
 * two steps.
 */
export function createSeatedProjectionHost(options: SeatedProjectionsOptions): ProjectionHost {
  return {
    start: async <Doc extends JsonObject>(projection: Projection<Doc>) => {
      const model = await options.readModels.open<Doc>(projection);
      const [position, target] = [await model.checkpoint(), await options.store.head()];
      return new SeatedProjection<Doc>({ ...options, projection, model }, position, target);
    },
  };
}

interface SeatedParts<Doc extends JsonObject> extends SeatedProjectionsOptions {
  readonly projection: Projection<Doc>;
  readonly model: ReadModel<Doc>;
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  readonly readModels: ReadModels;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
}

class SeatedProjection<Doc extends JsonObject> implements RunningProjection<Doc> {
  readonly model: ReadModel<Doc>;
  readonly caughtUp: Promise<void>;
  private readonly name: string;
  private readonly waiters: PositionWaiters;
  private readonly turn: FoldingTurn;
  private readonly settle: { readonly resolve: () => void; readonly reject: (error: TuttiError) => void };
  /** Null while another process folds. */
  private folding: RunningProjection<Doc> | null = null;
  private reached = false;
  private waiting = 0;
  private error: TuttiError | null = null;
  private closing: Promise<void> | null = null;
  private nextLook: { readonly atMs: number; readonly cancel: Cancel } | null = null;
  private looking: Promise<void> | null = null;
  private readonly gathering: Gathering;
  /** Null while this process folds. */
  private watch: LogWatch | null;

  constructor(
    private readonly parts: SeatedParts<Doc>,
    private stored: number,
    private readonly target: number,
  ) {
    const { projection, model, runtime, turn } = parts;
    this.model = model;
    this.name = `${projection.name} v${projection.version}`;
    this.waiters = new PositionWaiters(this.name, runtime.timers);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.caughtUp = promise;
    promise.catch(() => undefined);
    this.settle = { resolve: () => resolve(undefined), reject };
    this.gathering = new Gathering(
      runtime.timers,
      () => (parts.hasOthers?.() === false ? REST_ALONE_MS : REST_MS),
      () => this.waiting > 0,
    );
    this.watch = this.watchFrom(Math.max(stored, target));
    this.turn = turn(`${projection.name}.v${projection.version}`, { start: () => this.fold(), stop: () => this.unfold() });
    this.turn.begin();
    this.lookLater(0);
  }

  position(): number {
    return this.stored;
  }

  async lag(): Promise<number> {
    return Math.max(0, (await this.parts.store.head()) - this.stored);
  }

  status(): ProjectionStatus {
    if (this.closing !== null) return { state: 'closed', position: this.stored };
    if (this.folding !== null) return this.folding.status();
    if (this.error !== null) return { state: 'retrying', position: this.stored, error: this.error };
    return { state: this.reached ? 'following' : 'catching-up', position: this.stored };
  }

  async waitFor(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (position <= this.stored) return;
    if (this.closing !== null) throw this.closed();
    const status = this.folding?.status();
    if (status?.state === 'failed') throw status.error;
    this.waiting += 1;
    if (this.folding === null) this.lookLater(0);
    else this.gathering.hurry();
    try {
      await this.waiters.wait(position, timeoutMs, () => this.stored, signal);
    } finally {
      this.waiting -= 1;
    }
  }

  async freshen(limitMs: number): Promise<void> {
    const { store, runtime } = this.parts;
    await settled(runtime.timers, limitMs, async () => this.waitFor(await store.head(), limitMs));
  }

  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    this.lookNoMore();
    await this.turn.end();
    await this.looking;
    await this.watch?.close();
    this.waiters.rejectAll(this.closed());
    this.settle.reject(this.closed());
  }

  private async fold(): Promise<void> {
    const { turn: _, model: __, ...options } = this.parts;
    const onChange = (): void => {
      if (this.folding !== null) this.folded(this.folding);
    };
    const folding = await startProjection<Doc>({ ...options, gathering: this.gathering, othersMayWrite: true, onChange });
    this.folding = folding;
    this.lookNoMore();
    this.folded(folding);
    void folding.caughtUp.then(
      () => this.reach(),
      () => undefined,
    );
    const { watch } = this;
    this.watch = null;
    // Not awaited: the turn is to be given up in time also where the log does not answer.
    void watch?.close().catch(() => undefined);
  }

  private async unfold(): Promise<void> {
    const { folding } = this;
    this.folding = null;
    await folding?.close();
    if (this.closing !== null) return;
    // What it has folded is stored, and nothing was asked for that stands between.
    this.watch ??= this.watchFrom(this.stored);
    this.lookLater(0);
  }

  private watchFrom(position: number): LogWatch {
    const { store, projection, runtime } = this.parts;
    const onChange = (): void => {
      this.advance(this.stored);
      if (this.isBehind()) this.lookLater(this.waiting > 0 ? QUICK_LOOK_MS : SLOW_LOOK_MS);
    };
    return new LogWatch({ store, filter: projection.handles, runtime, onChange }, position);
  }

  private folded(folding: RunningProjection<Doc>): void {
    this.advance(folding.position());
    const status = folding.status();
    if (status.state !== 'failed') return;
    this.waiters.rejectAll(status.error);
    if (!this.reached) this.settle.reject(status.error);
  }

  /** Within the time, or sooner where that is settled already. */
  private lookLater(ms: number): void {
    if (this.closing !== null) return;
    const { clock, timers } = this.parts.runtime;
    const atMs = clock.monotonic() + ms;
    if (this.nextLook !== null && this.nextLook.atMs <= atMs) return;
    this.lookNoMore();
    const cancel = timers.after(ms, () => {
      this.nextLook = null;
      this.looking ??= this.look().finally(() => {
        this.looking = null;
        if (this.folding === null) this.lookLater(this.lookPauseMs());
      });
    });
    this.nextLook = { atMs, cancel };
  }

  private lookNoMore(): void {
    this.nextLook?.cancel();
    this.nextLook = null;
  }

  /** How far another process has come. */
  private async look(): Promise<void> {
    try {
      this.advance(await this.model.checkpoint());
      const { projection, readModels } = this.parts;
      if (!this.reached && this.stored >= this.target && (await readModels.liveVersion(projection.name)) === projection.version)
        this.reach();
      this.error = null;
    } catch (error) {
      this.error = toTuttiError(error);
    }
  }

  private lookPauseMs(): number {
    if (this.waiting > 0 || !this.reached) return QUICK_LOOK_MS;
    return this.isBehind() || this.error !== null ? SLOW_LOOK_MS : IDLE_LOOK_MS;
  }

  /** Another process has still to fold something. */
  private isBehind(): boolean {
    return this.watch !== null && this.stored < this.watch.lastHandled;
  }

  /** @param position everything up to here is stored */
  private advance(position: number): void {
    this.stored = Math.max(this.stored, position);
    if (this.watch !== null && !this.isBehind()) this.stored = Math.max(this.stored, this.watch.reached);
    this.waiters.advance(this.stored);
  }

  private reach(): void {
    this.reached = true;
    this.settle.resolve();
  }

  private closed(): TuttiError {
    return new TuttiError('SHUTTING_DOWN', `projection ${this.name} is closed at position ${this.stored}`);
  }
}
