import { isTuttiError, TuttiError, toTuttiError, type Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';

/** One part of a process that is brought up after what it leans on and taken down before it. */
export interface Phase {
  readonly name: string;
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
  /** Default 30,000. */
  readonly startLimitMs?: number;
  /** Default 10,000. */
  readonly stopLimitMs?: number;
}

export interface RunningPhases {
  /** Takes everything down, last started first. A part that fails or overruns its limit is logged and passed over. Repeats answer the first call. */
  stop(): Promise<void>;
}

/**
 * Starts the phases in order. When one fails it is stopped, as it may have come half-way, then those before it, and the failure is thrown.
 *
 * @throws the phase's own error, or TuttiError TIMED_OUT naming the phase and its limit
 */
export async function startPhases(phases: readonly Phase[], runtime: Runtime, logger: Logger): Promise<RunningPhases> {
  const started: Phase[] = [];
  const stopAll = async (): Promise<void> => {
    for (const phase of started.splice(0).reverse()) {
      try {
        await within(runtime, phase.stopLimitMs ?? 10_000, `stop of ${phase.name}`, phase.stop);
        logger.debug('stopped', { phase: phase.name });
      } catch (error) {
        logger.error('could not stop cleanly', { phase: phase.name, err: error });
      }
    }
  };
  for (const phase of phases) {
    const begun = runtime.clock.monotonic();
    try {
      started.push(phase);
      await within(runtime, phase.startLimitMs ?? 30_000, `start of ${phase.name}`, phase.start);
      logger.debug('started', { phase: phase.name, ms: Math.round(runtime.clock.monotonic() - begun) });
    } catch (error) {
      // Broken off by whoever stops the process, it is no fault.
      const level = isTuttiError(error, 'SHUTTING_DOWN') ? 'warn' : 'error';
      logger[level]('could not start', { phase: phase.name, err: toTuttiError(error) });
      await stopAll();
      throw error;
    }
  }
  let stopping: Promise<void> | null = null;
  return { stop: () => (stopping ??= stopAll()) };
}

/** Waits for the work, at most `limitMs`. @throws TuttiError TIMED_OUT */
export async function within<T>(
  runtime: Pick<Runtime, 'timers'>,
  limitMs: number,
  what: string,
  work: (() => Promise<T>) | undefined,
): Promise<T | undefined> {
  if (work === undefined) return undefined;
  let cancel = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    cancel = runtime.timers.after(limitMs, () => reject(new TuttiError('TIMED_OUT', `${what} took longer than ${limitMs} ms`)));
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    cancel();
  }
}
