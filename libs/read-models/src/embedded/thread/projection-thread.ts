import type { Worker } from 'node:worker_threads';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { assertNever, fromPlainError, TuttiError, type JsonObject, type PlainError, type Runtime } from '@tutti/kernel';
import { PositionWaiters } from '../../projection/position-waiters.js';
import type { ProjectionHost } from '../../projection/projection-host.js';
import type { Projection } from '../../projection/projection.js';
import type { ProjectionLogger, ProjectionStatus, RunningProjection } from '../../projection/running-projection.js';
import type { ReadModel, ReadModels } from '../../read-models.port.js';
import { createHurrying } from './hurrying.js';
import { fromPlainStatus, type FromThread, type ToThread } from './thread-messages.js';

export interface ProjectionThreadOptions {
  /** Runs `serveProjections` on its parent port. */
  readonly worker: Pick<Worker, 'postMessage' | 'terminate' | 'on'>;
  /** Tells the thread of commits. */
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  /** This thread's own, for reading. Opened when a projection has been started, so that its file is there. */
  readonly openReadModels: () => Promise<ReadModels>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: ProjectionLogger;
}

export interface ProjectionThread extends ProjectionHost {
  /** Stops what runs and ends the thread. */
  close(): Promise<void>;
}

interface Remote {
  readonly name: string;
  readonly waiters: PositionWaiters;
  readonly started: PromiseWithResolvers<undefined>;
  readonly caughtUp: PromiseWithResolvers<undefined>;
  readonly stopped: PromiseWithResolvers<undefined>;
  status: ProjectionStatus;
}

/** Runs projections in a thread of their own, so that folding and writing documents takes no time from this one. */
export async function startProjectionThread(options: ProjectionThreadOptions): Promise<ProjectionThread> {
  const { worker, store, runtime, logger } = options;
  const remotes = new Map<string, Remote>();
  const closed = Promise.withResolvers<undefined>();
  let ended: TuttiError | null = null;

  const tell = (message: ToThread): void => worker.postMessage(message);
  const hurrying = createHurrying((head) => tell({ type: 'hurry', head }), runtime.timers);
  const end = (error: TuttiError): void => {
    if (ended !== null) return;
    ended = error;
    for (const remote of remotes.values()) fail(remote, error);
    closed.resolve(undefined);
  };
  worker.on('message', (message: FromThread) => heed(message, remotes, logger, () => closed.resolve(undefined)));
  worker.on('error', (cause: unknown) => end(new TuttiError('INTERNAL', `the projections' thread failed: ${String(cause)}`, { cause })));
  worker.on('exit', (code) => end(new TuttiError('SHUTTING_DOWN', `the projections' thread ended (exit code ${code})`)));
  const follow: EventSubscription = store.subscribe({
    after: await store.head(),
    // No events, only how far the log goes.
    filter: { categories: [] },
    onBatch: (_, head) => tell({ type: 'head', head }),
  });
  follow.ended.catch((error: unknown) => logger.error('the projections are no longer told of commits', { err: error }));

  return {
    async start<Doc extends JsonObject>(projection: Projection<Doc>): Promise<RunningProjection<Doc>> {
      if (ended !== null) throw ended;
      const remote = newRemote(projection, runtime);
      remotes.set(remote.name, remote);
      tell({ type: 'head', head: await store.head() });
      tell({ type: 'start', name: projection.name });
      await remote.started.promise;
      const model = await (await options.openReadModels()).open<Doc>(projection);
      return runningProjection(remote, model, { store, tell, hurry: hurrying.hurry, ended: () => ended });
    },
    async close() {
      await follow.close();
      hurrying.stop();
      if (ended === null) tell({ type: 'close' });
      await closed.promise;
      await worker.terminate();
    },
  };
}

function newRemote({ name, version }: { readonly name: string; readonly version: number }, runtime: Pick<Runtime, 'timers'>): Remote {
  const remote: Remote = {
    name,
    waiters: new PositionWaiters(`${name} v${version}`, runtime.timers),
    started: Promise.withResolvers(),
    caughtUp: Promise.withResolvers(),
    stopped: Promise.withResolvers(),
    status: { state: 'catching-up', position: -1 },
  };
  // Whoever awaits it sees the rejection; nobody has to.
  remote.caughtUp.promise.catch(() => undefined);
  return remote;
}

function heed(message: FromThread, remotes: ReadonlyMap<string, Remote>, logger: ProjectionLogger, onClosed: () => void): void {
  if (message.type === 'log') return logger[message.level](message.message, message.fields);
  if (message.type === 'closed') return onClosed();
  const remote = remotes.get(message.name);
  if (remote === undefined) return;
  switch (message.type) {
    case 'started':
      return settle(remote.started, message.error);
    case 'caught-up':
      return settle(remote.caughtUp, message.error);
    case 'stopped':
      return remote.stopped.resolve(undefined);
    case 'status':
      remote.status = fromPlainStatus(message.status);
      remote.waiters.advance(remote.status.position);
      if (remote.status.state === 'failed') remote.waiters.rejectAll(remote.status.error);
      return;
    default:
      assertNever(message, 'message of the projections');
  }
}

function settle(deferred: PromiseWithResolvers<undefined>, error: PlainError | null): void {
  if (error === null) deferred.resolve(undefined);
  else deferred.reject(fromPlainError(error));
}

function fail(remote: Remote, error: TuttiError): void {
  remote.status = { state: 'failed', position: remote.status.position, failedAt: null, error };
  remote.waiters.rejectAll(error);
  remote.started.reject(error);
  remote.caughtUp.reject(error);
  remote.stopped.resolve(undefined);
}

interface ThreadSide {
  readonly store: Pick<EventStore, 'head'>;
  readonly tell: (message: ToThread) => void;
  readonly hurry: (head: number) => void;
  readonly ended: () => TuttiError | null;
}

function runningProjection<Doc extends JsonObject>(
  remote: Remote,
  model: ReadModel<Doc>,
  { store, tell, hurry, ended }: ThreadSide,
): RunningProjection<Doc> {
  let closing: Promise<void> | null = null;
  const closedError = (): TuttiError =>
    new TuttiError('SHUTTING_DOWN', `projection ${remote.name} is closed at position ${remote.status.position}`);
  const waitFor = async (position: number, timeoutMs: number, signal?: AbortSignal): Promise<void> => {
    if (position <= remote.status.position) return;
    if (remote.status.state === 'failed') throw remote.status.error;
    if (closing !== null) throw closedError();
    hurry(await store.head());
    await remote.waiters.wait(position, timeoutMs, () => remote.status.position, signal);
  };
  return {
    model,
    waitFor,
    caughtUp: remote.caughtUp.promise,
    position: () => remote.status.position,
    lag: async () => Math.max(0, (await store.head()) - remote.status.position),
    status: () => remote.status,
    async freshen(limitMs) {
      try {
        await waitFor(await store.head(), limitMs);
      } catch {
        // Late, stopped or failed: the documents are as they are, and `status` says why.
      }
    },
    close() {
      closing ??= (async () => {
        if (ended() === null) tell({ type: 'stop', name: remote.name });
        await remote.stopped.promise;
        remote.waiters.rejectAll(closedError());
      })();
      return closing;
    },
  };
}
