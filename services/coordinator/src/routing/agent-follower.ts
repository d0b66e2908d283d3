import { upcast, type AgentEvent } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { TuttiError, type Cancel, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { isPassing } from '../owner/is-passing.js';
import type { Router } from './router.js';

interface AgentFollowerParts {
  readonly store: Pick<EventStore, 'head' | 'subscribe'>;
  readonly router: Pick<Router, 'retire' | 'reinstate'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const FOLLOW_AGAIN_MS = 1_000;

/** Keeps from tasks whoever the log says is paused or deregistered. */
export class AgentFollower {
  private reached = -1;
  private subscription: EventSubscription | null = null;
  private cancelRetry: Cancel = () => {};
  private closed = false;
  private readonly known = Promise.withResolvers<void>();

  constructor(private readonly parts: AgentFollowerParts) {
    // Whoever waits for it sees the rejection; nobody has to.
    this.known.promise.catch(() => undefined);
  }

  /** Resolves when everything is heeded that was recorded before. @throws TuttiError SHUTTING_DOWN when it was closed before */
  async start(): Promise<void> {
    const target = await this.parts.store.head();
    if (target < 0) this.known.resolve();
    this.follow(target);
    await this.known.promise;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelRetry();
    this.known.reject(new TuttiError('SHUTTING_DOWN', 'agents are followed no more: the coordinator is stopping'));
    await this.subscription?.close();
  }

  private follow(target: number): void {
    if (this.closed) return;
    const onBatch = (events: readonly RecordedEvent[], head: number): void => {
      for (const event of events) this.heed(event);
      this.reached = head;
      if (head >= target) this.known.resolve();
    };
    this.subscription = this.parts.store.subscribe({ after: this.reached, filter: { categories: ['agent'] }, onBatch });
    this.subscription.ended.then(
      () => this.known.reject(new TuttiError('SHUTTING_DOWN', 'the event store ended the subscription')),
      (error: unknown) => this.again(target, error),
    );
  }

  private again(target: number, error: unknown): void {
    if (this.closed) return;
    if (!isPassing(error)) {
      this.parts.logger.error('agents are no longer followed', { err: error });
      this.known.resolve();
      return;
    }
    this.parts.logger.warn('agents are not followed just now; it is tried again', { err: error });
    this.cancelRetry = this.parts.runtime.timers.after(FOLLOW_AGAIN_MS, () => this.follow(target));
  }

  private heed(recorded: RecordedEvent): void {
    const { router } = this.parts;
    const event = upcast(recorded) as unknown as AgentEvent;
    if (event.type === 'AgentDeregistered') router.retire(event.data.name);
    if (event.type === 'AgentPaused') router.retire(event.data.name, 'paused');
    if (event.type === 'AgentResumed') router.reinstate(event.data.name);
    // A changed profile leaves it as it was.
    if (event.type === 'AgentRegistered') router.reinstate(event.data.profile.name);
  }
}
