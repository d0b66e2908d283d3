import type { Clock } from '@tutti/kernel';
import type { Logger } from '../logger.js';

const LINE_EVERY_MS = 1_000;

/** Says what was refused and how often, without letting whoever guesses fill the disk. */
export class RefusalLog {
  private lineAtMs = -Infinity;
  private unsaid = 0;

  constructor(
    private readonly logger: Logger,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  note(reason: string): void {
    const nowMs = this.clock.monotonic();
    if (nowMs - this.lineAtMs < LINE_EVERY_MS) {
      this.unsaid += 1;
      return;
    }
    this.logger.warn('refused a token between services', { reason, othersBefore: this.unsaid });
    this.lineAtMs = nowMs;
    this.unsaid = 0;
  }
}
