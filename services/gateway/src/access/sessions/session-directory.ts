import type { SessionEvent } from '@tutti/contracts';
import type { Clock, RecordedEvent } from '@tutti/kernel';

type Started = Extract<SessionEvent, { readonly type: 'SessionStarted' }>['data'];

/** A session as the directory keeps it. Times are milliseconds since the epoch. */
export interface KnownSession extends Omit<Started, 'expiresAt'> {
  readonly expiresAtMs: number;
  /** As far as this process knows. */
  usedAtMs: number;
  /** As recorded. */
  notedAtMs: number;
}

/** Open sessions, in memory, by what was recorded. One that is over by time is forgotten when there is a reason to look. */
export class SessionDirectory {
  private readonly sessions = new Map<string, KnownSession>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  take(recorded: RecordedEvent): void {
    const event = { type: recorded.type, data: recorded.data } as SessionEvent;
    const known = this.sessions.get(event.data.id);
    switch (event.type) {
      case 'SessionStarted': {
        const { expiresAt, ...session } = event.data;
        const expiresAtMs = Date.parse(expiresAt);
        const startedAtMs = Date.parse(recorded.time);
        if (expiresAtMs > this.clock.now())
          this.sessions.set(session.id, { ...session, expiresAtMs, usedAtMs: startedAtMs, notedAtMs: startedAtMs });
        return;
      }
      case 'SessionUsed': {
        if (known === undefined) return;
        known.notedAtMs = Date.parse(event.data.usedAt);
        known.usedAtMs = Math.max(known.usedAtMs, known.notedAtMs);
        return;
      }
      case 'SessionEnded':
        this.sessions.delete(event.data.id);
        return;
      default:
        return;
    }
  }

  find(id: string): KnownSession | null {
    return this.sessions.get(id) ?? null;
  }

  forget(id: string): void {
    this.sessions.delete(id);
  }

  all(): readonly KnownSession[] {
    return [...this.sessions.values()];
  }
}
