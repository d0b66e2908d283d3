/** What of Node's process a shut-down needs. */
interface Signals {
  readonly connected?: boolean | undefined;
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'disconnect', listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Ends the process in order at the first signal, or when the launcher that holds the other end of the IPC channel is gone; at once at the second.
 * Signals before {@link arm} wait for it: what is starting comes up and goes down again.
 */
export class ShutDown {
  private stop: (() => Promise<void>) | null = null;
  private asked = false;
  private stopping = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly signals: Signals) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) signals.on(signal, () => this.ask());
    if (signals.connected === true) signals.on('disconnect', () => this.ask());
    // False, not undefined: there was a channel, and it closed before anyone could listen.
    else if (signals.connected === false) this.ask();
  }

  arm(stop: () => Promise<void>): void {
    this.stop = stop;
    if (this.asked) this.begin();
  }

  /** Called once, before anything is taken down. */
  onStop(callback: () => void): () => void {
    this.listeners.add(callback);
    return () => void this.listeners.delete(callback);
  }

  private ask(): void {
    if (this.stopping) {
      this.signals.exit(1);
      return;
    }
    this.asked = true;
    if (this.stop !== null) this.begin();
  }

  private begin(): void {
    if (this.stop === null || this.stopping) return;
    this.stopping = true;
    for (const listener of this.listeners) listener();
    this.stop().then(
      () => this.signals.exit(0),
      () => this.signals.exit(1),
    );
  }
}
