import type { MessagePort } from 'node:worker_threads';
import { openEventLogFollower, type EventLogFollower } from '@tutti/event-store/embedded';
import { assertNever, toPlainError, TuttiError, type Cancel, type JsonObject, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { startProjection } from '../../projection/projection-runner.js';
import type { Projection } from '../../projection/projection.js';
import type { ProjectionLogger, RunningProjection } from '../../projection/running-projection.js';
import { openEmbeddedReadModels, type EmbeddedReadModels } from '../embedded-read-models.js';
import { toPlainStatus, type FromThread, type ToThread } from './thread-messages.js';

/** A projection of documents of any one shape. */
export type ServedProjection = Omit<Projection<JsonObject>, 'evolve'> & {
  readonly evolve: (document: never, event: RecordedEvent, key: string) => JsonObject | null;
};

export interface ServeProjectionsOptions {
  readonly eventsFile: string;
  readonly readModelsFile: string;
  readonly projections: readonly ServedProjection[];
  readonly runtime: Runtime;
}

/**
 * While events keep coming, a batch begins at most this often: a document that many events change is then written once, not as often. Nobody waits for it:
 * a query that names a position, and the first event after a quiet time, are folded at once.
 */
const LINGER_MS = 200;
const MAX_BATCH = 5_000;
const CACHED_DOCUMENTS = 2_000;

/** The inside of the projections' thread: follows the log, folds, and says how far it is. Ends with a `close` message. */
export async function serveProjections(port: MessagePort, options: ServeProjectionsOptions): Promise<void> {
  const log = openEventLogFollower({ file: options.eventsFile, runtime: options.runtime });
  try {
    const readModels = await openEmbeddedReadModels({ file: options.readModelsFile, runtime: options.runtime });
    new ProjectionThread(port, options, log, readModels).listen();
  } catch (error) {
    await log.close();
    throw error;
  }
}

class ProjectionThread {
  private readonly running = new Map<string, RunningProjection>();
  private readonly told = new Map<string, string>();
  private head = -1;
  private shownAt = -Infinity;
  private cancelLinger: Cancel | null = null;

  constructor(
    private readonly port: MessagePort,
    private readonly options: ServeProjectionsOptions,
    private readonly log: EventLogFollower,
    private readonly readModels: EmbeddedReadModels,
  ) {}

  listen(): void {
    this.port.on('message', (message: ToThread) => void this.heed(message));
  }

  private async heed(message: ToThread): Promise<void> {
    switch (message.type) {
      case 'head':
        this.head = Math.max(this.head, message.head);
        this.showSoon();
        return;
      case 'hurry':
        this.head = Math.max(this.head, message.head);
        this.show();
        return;
      case 'start':
        await this.start(message.name);
        return;
      case 'stop':
        await this.running.get(message.name)?.close();
        this.tell(message.name);
        this.send({ type: 'stopped', name: message.name });
        return;
      case 'close':
        await this.close();
        return;
      default:
        assertNever(message, 'message to the projections');
    }
  }

  private showSoon(): void {
    if (this.cancelLinger !== null) return;
    const { clock, timers } = this.options.runtime;
    const restMs = this.shownAt + LINGER_MS - clock.monotonic();
    if (restMs <= 0) this.show();
    else this.cancelLinger = timers.after(restMs, () => this.show());
  }

  private show(): void {
    this.cancelLinger?.();
    this.cancelLinger = null;
    this.shownAt = this.options.runtime.clock.monotonic();
    try {
      this.log.advance(this.head);
    } catch (error) {
      this.logger().error('the log could not be read for the projections', { err: toPlainError(error).message });
    }
  }

  private async start(name: string): Promise<void> {
    try {
      const projection = this.options.projections.find((other) => other.name === name) as Projection<JsonObject> | undefined;
      if (projection === undefined) throw new TuttiError('INTERNAL', `the projections' thread knows no projection ${name}`);
      const running = await startProjection({
        ...{ projection, store: this.log, readModels: this.readModels, runtime: this.options.runtime, logger: this.logger() },
        ...{ maxBatch: MAX_BATCH, cachedDocuments: CACHED_DOCUMENTS, onChange: () => this.tell(name) },
      });
      this.running.set(name, running);
      this.send({ type: 'started', name, error: null });
      this.tell(name);
      running.caughtUp.then(
        () => this.send({ type: 'caught-up', name, error: null }),
        (error: unknown) => this.send({ type: 'caught-up', name, error: toPlainError(error) }),
      );
    } catch (error) {
      this.send({ type: 'started', name, error: toPlainError(error) });
    }
  }

  private tell(name: string): void {
    const running = this.running.get(name);
    if (running === undefined) return;
    const status = toPlainStatus(running.status());
    const text = `${status.state} ${status.position}`;
    if (this.told.get(name) === text) return;
    this.told.set(name, text);
    this.send({ type: 'status', name, status });
  }

  private async close(): Promise<void> {
    this.cancelLinger?.();
    await Promise.all([...this.running.values()].map((running) => running.close()));
    await this.log.close();
    await this.readModels.close();
    this.send({ type: 'closed' });
    this.port.close();
  }

  private logger(): ProjectionLogger {
    const say =
      (level: 'info' | 'warn' | 'error') =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
        this.send({
          type: 'log',
          level,
          message,
          fields: { ...fields, ...(fields['err'] instanceof Error ? { err: fields['err'].message } : {}) },
        });
    return { info: say('info'), warn: say('warn'), error: say('error') };
  }

  private send(message: FromThread): void {
    this.port.postMessage(message);
  }
}
