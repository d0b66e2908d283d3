/** Wall clock. Milliseconds since 1970-01-01T00:00Z. May jump; never used to order events. */
export interface Clock {
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. For measuring durations. */
  monotonic(): number;
}

/** Ends what was armed. Ending it twice, or after it fired, does nothing. */
export type Cancel = () => void;

export interface Timers {
  /**
   * Calls back once, no sooner than after `delayMs`. A delay of any length is allowed.
   *
   * `upkeep` says that it comes again and again and changes nothing as long as nothing else happens, like a sign of life: where time is skipped, it is
   * skipped with it.
   */
  after(delayMs: number, callback: () => void, upkeep?: 'upkeep'): Cancel;
  /** Calls back in a later turn of the loop, after what is already waiting there. */
  soon(callback: () => void): void;
}

export interface Ids {
  /** A UUIDv7 (RFC 9562), greater than every one this source gave before. */
  next(): string;
}

export interface Random {
  /** Uniform in [0, 1). Not for secrets. */
  next(): number;
}

/** Everything a component may ask of the world around it besides its ports. Handed in, so that a simulation can own it. */
export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly random: Random;
}

/** ISO 8601 in UTC with milliseconds, as events and APIs carry time. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
