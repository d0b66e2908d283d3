import { TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import type { Principal } from './principal.js';

/** Until when the principal’s credential holds as things stand: milliseconds since the epoch, 0 for one that is over already, null for no end. */
export type ValidUntil = (principal: Principal) => number | null;

interface Watched {
  readonly principal: Principal;
  readonly end: (reason: TuttiError) => void;
  stopTimer: Cancel;
}

/** For what stays open after it was let in: feeds, follows, streams. */
export class CredentialWatch {
  private readonly watched = new Set<Watched>();

  constructor(
    private readonly validUntil: ValidUntil,
    private readonly runtime: Pick<Runtime, 'clock' | 'timers'>,
  ) {}

  /**
   * Calls `end` once, when the credential is revoked, rotated away or expired; never before this call returns.
   *
   * @returns stops watching
   */
  watch(principal: Principal, end: (reason: TuttiError) => void): Cancel {
    const watched: Watched = { principal, end, stopTimer: () => {} };
    this.watched.add(watched);
    this.arm(watched);
    return () => this.forget(watched);
  }

  /** To be called when a credential may have ended. */
  recheck(): void {
    for (const watched of [...this.watched]) this.look(watched);
  }

  private arm(watched: Watched): void {
    watched.stopTimer();
    const until = this.validUntil(watched.principal);
    if (until === null) return;
    watched.stopTimer = this.runtime.timers.after(Math.max(0, until - this.runtime.clock.now()), () => this.look(watched));
  }

  private look(watched: Watched): void {
    const until = this.validUntil(watched.principal);
    if (until === null || until > this.runtime.clock.now()) {
      this.arm(watched);
      return;
    }
    this.forget(watched);
    const { actor, credential } = watched.principal;
    watched.end(new TuttiError('UNAUTHENTICATED', `the ${credential.kind} of ${actor} is over`));
  }

  private forget(watched: Watched): void {
    watched.stopTimer();
    this.watched.delete(watched);
  }
}
