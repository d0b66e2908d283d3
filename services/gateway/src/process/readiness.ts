import { TuttiError } from '@tutti/kernel';
import type { Connections } from '@tutti/service-process';
import type { Gateway } from '../gateway.js';

/** What a gateway leans on, services and what its ports stand on, each there or away. It is ready while all of them are there. */
export class Readiness {
  private readonly away = new Set<string>();
  private closed = false;
  private readonly stopListening: () => void;
  private readonly first = Promise.withResolvers<void>();

  constructor(
    private readonly gateway: Pick<Gateway, 'markReady' | 'markDegraded'>,
    names: readonly string[],
    private readonly connections: Pick<Connections, 'away' | 'onChange'>,
  ) {
    for (const name of names) this.away.add(name);
    // Whoever waits for it sees the rejection; nobody has to.
    this.first.promise.catch(() => undefined);
    this.stopListening = connections.onChange(() => this.tell());
    this.tell();
  }

  set(name: string, isThere: boolean): void {
    if (isThere === !this.away.has(name)) return;
    if (isThere) this.away.delete(name);
    else this.away.add(name);
    this.tell();
  }

  /** Resolves the first time that everything is there. @throws TuttiError SHUTTING_DOWN when it was closed before */
  ready(): Promise<void> {
    return this.first.promise;
  }

  /** From now on the gateway is told nothing. */
  close(): void {
    this.closed = true;
    this.stopListening();
    this.first.reject(new TuttiError('SHUTTING_DOWN', 'the gateway was stopped before what it leans on was there'));
  }

  private tell(): void {
    if (this.closed) return;
    const away = [...this.connections.away, ...this.away];
    if (away.length > 0) return this.gateway.markDegraded(`waiting for ${away.join(', ')}`);
    this.gateway.markReady();
    this.first.resolve();
  }
}
