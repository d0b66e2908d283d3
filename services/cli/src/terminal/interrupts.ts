import type { Cancel, Clock } from '@tutti/kernel';
import type { Interrupts } from '../environment.port.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ONE_INTERRUPT_MS = 500;

interface SignalSource {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

interface ErrorSource {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

interface InterruptDeps {
  readonly signals: SignalSource;
  readonly stdout: ErrorSource;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Ends the program at once. */
  readonly exit: () => void;
}

/**
 * Interrupts go to those who listen; while nobody does, they end the program. A reader of standard output that went away (`| head`) counts
 * as one, so that whatever runs is taken down.
 */
export function createInterrupts({
  signals,
  stdout,
  clock,
  exit,
}: InterruptDeps): Interrupts & { interrupt(signal: NodeJS.Signals): void } {
  const listeners = new Set<(signal: NodeJS.Signals) => void>();
  let last = Number.NEGATIVE_INFINITY;
  const interrupt = (signal: NodeJS.Signals): void => {
    const now = clock.monotonic();
    if (now - last < ONE_INTERRUPT_MS) return;
    last = now;
    if (listeners.size === 0) exit();
    for (const listener of [...listeners]) listener(signal);
  };
  for (const signal of SIGNALS) signals.on(signal, interrupt);
  stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    interrupt('SIGHUP');
  });
  return {
    interrupt,
    onInterrupt(callback): Cancel {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
  };
}
