import type { Clock } from '@tutti/kernel';

/** Lets a few through at once, then one each `everyMs`: what comes now and then never waits, what comes thick is gathered meanwhile. */
export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #everyMs: number;
  readonly #atOnce: number;
  /** When all that was let through would have gone, had it gone one each `everyMs`. */
  #paidUntil = -Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>, everyMs: number, atOnce: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#atOnce = atOnce;
  }

  /** Lets the next one through, and says how long it has to wait before it goes: 0 to `everyMs`, where each waits as it is told. */
  nextInMs(): number {
    const now = this.#clock.monotonic();
    const from = Math.max(this.#paidUntil, now);
    this.#paidUntil = from + this.#everyMs;
    return Math.max(0, from - now - (this.#atOnce - 1) * this.#everyMs);
  }
}
