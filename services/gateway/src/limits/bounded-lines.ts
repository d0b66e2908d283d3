import type { Clock } from '@tutti/kernel';
import type { LogFields, Logger } from '@tutti/service-kit';

const LINES_PER_SECOND = 50;
const SECOND_MS = 1_000;

/** Log lines that anybody can cause, so many a second and no more: a flood of refusals fills no disk. The next line says how many there were besides. */
export class BoundedLines {
  private secondFromMs = -Infinity;
  private lines = 0;
  private unsaid = 0;

  constructor(
    private readonly logger: Logger,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  say(level: 'info' | 'warn', message: string, fields: LogFields): void {
    const nowMs = this.clock.monotonic();
    if (nowMs - this.secondFromMs >= SECOND_MS) {
      this.secondFromMs = nowMs;
      this.lines = 0;
    }
    if (this.lines >= LINES_PER_SECOND) {
      this.unsaid += 1;
      return;
    }
    this.lines += 1;
    this.logger[level](message, this.unsaid === 0 ? fields : { ...fields, othersUnsaid: this.unsaid });
    this.unsaid = 0;
  }
}
