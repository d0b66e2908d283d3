import { TuttiError, type Runtime } from '@tutti/kernel';
import { startPhases, type Logger, type Phase, type RunningPhases } from '@tutti/service-kit';

export interface ServiceLifeParts {
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Waits for what comes when it comes, without limit. Ends with SHUTTING_DOWN after `close`. */
  readonly wait: () => Promise<void>;
  readonly phases: () => Promise<readonly Phase[]>;
  /** The last thing; also ends what waits. */
  readonly close: () => Promise<void>;
  /** Time for a start under way to come up when it is stopped, so that it goes down in order. Default 3,000. */
  readonly startGraceMs?: number;
}

const START_GRACE_MS = 3_000;

/** The one life of a service in a process of its own. */
export class ServiceLife {
  private starting: Promise<void> | null = null;
  private inPhases = false;
  private running: RunningPhases | null = null;
  private stopping: Promise<void> | null = null;

  constructor(private readonly parts: ServiceLifeParts) {}

  /** @throws what kept it from starting, everything being down again then; SHUTTING_DOWN when it was stopped before */
  start(): Promise<void> {
    return (this.starting ??= this.begin());
  }

  /** Takes everything down in order. Repeats answer the first call. */
  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  private async begin(): Promise<void> {
    const { runtime, logger, wait, phases } = this.parts;
    try {
      await wait();
      if (this.stopping !== null) throw new TuttiError('SHUTTING_DOWN', 'the process was stopped before it had started');
      this.inPhases = true;
      this.running = await startPhases(await phases(), runtime, logger);
    } catch (error) {
      this.inPhases = false;
      if (this.stopping === null) await this.stop();
      throw error;
    }
  }

  private async end(): Promise<void> {
    if (this.inPhases && this.running === null) await this.settled(this.parts.startGraceMs ?? START_GRACE_MS);
    await this.running?.stop();
    await this.parts.close();
    // What was still coming up fails now, and takes down what it had.
    if (this.inPhases && this.running === null) await this.settled(START_GRACE_MS);
  }

  private async settled(limitMs: number): Promise<void> {
    const { promise: limit, resolve } = Promise.withResolvers<void>();
    const cancel = this.parts.runtime.timers.after(limitMs, resolve);
    await Promise.race([this.starting?.catch(() => undefined), limit]);
    cancel();
  }
}
