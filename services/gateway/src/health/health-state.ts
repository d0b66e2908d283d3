import { TuttiError } from '@tutti/kernel';

type State = 'starting' | 'ready' | 'degraded' | 'unready';

const READING_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** How far the process is, and whether what it leans on is there: decides what the health checks answer and what the door lets in. */
export class HealthState {
  private state: State = 'starting';
  private reason = 'the service is starting';
  private readonly listeners: ((ready: boolean) => void)[] = [];

  markReady(): void {
    this.state = 'ready';
    this.tell();
  }

  /** Calls back whenever it becomes ready or unready. */
  onChange(listener: (ready: boolean) => void): void {
    this.listeners.push(listener);
  }

  /** From now on the readiness check fails and changes are refused; what reads is still answered. */
  markUnready(reason: string): void {
    if (this.state !== 'starting') this.state = 'unready';
    this.reason = reason;
    this.tell();
  }

  /** The readiness check fails while something is away, but calls are let in: they wait for it, or say what is missing. */
  markDegraded(reason: string): void {
    if (this.state === 'ready') this.state = 'degraded';
    this.reason = reason;
    this.tell();
  }

  get started(): boolean {
    return this.state !== 'starting';
  }

  /** Why it is not ready; empty when it is. */
  get reasons(): readonly string[] {
    return this.state === 'ready' ? [] : [this.reason];
  }

  /** @throws TuttiError SHUTTING_DOWN */
  admit(method: string): void {
    if (this.state === 'ready' || this.state === 'degraded' || (this.state === 'unready' && READING_METHODS.includes(method))) return;
    throw new TuttiError('SHUTTING_DOWN', this.reason);
  }
  private tell(): void {
    for (const listener of this.listeners) listener(this.state === 'ready');
  }
}
