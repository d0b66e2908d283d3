import type { Cancel, Clock } from '@tutti/kernel';
import type { Interrupts } from '../environment.port.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ONE_INTERRUPT_MS = 500;

interface SignalSource {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

interface ErrorSource {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Interrupts are caught only while somebody listens; otherwise the system's own default ends the process. A reader of standard output that
 * went away (`| head`) counts as one, so that whatever runs is taken down.
 */
export function createInterrupts(
  source: SignalSource,
  stdout: ErrorSource,
  clock: Pick<Clock, 'monotonic'>,
): Interrupts & { interrupt(signal: NodeJS.Signals): void } {
  const listeners = new Set<(signal: NodeJS.Signals) => void>();
  let last = Number.NEGATIVE_INFINITY;
  const interrupt = (signal: NodeJS.Signals): void => {
    const now = clock.monotonic();
    if (now - last < ONE_INTERRUPT_MS) return;
    last = now;
    for (const listener of [...listeners]) listener(signal);
  };
  stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    interrupt('SIGHUP');
  });
  return {
    interrupt,
    onInterrupt(callback): Cancel {
      if (listeners.size === 0) for (const signal of SIGNALS) source.on(signal, interrupt);
      listeners.add(callback);
      return () => {
        if (listeners.delete(callback) && listeners.size === 0) for (const signal of SIGNALS) source.off(signal, interrupt);
      };
    },
  };
}
