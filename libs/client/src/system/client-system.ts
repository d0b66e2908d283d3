import { randomFillSync } from 'node:crypto';
import { userInfo } from 'node:os';
import { createUuidV7Source, type Cancel, type Runtime } from '@tutti/kernel';
import { processEnvironment } from '../client-config.js';
import { openWebSocket } from '../http/web-socket.js';
import type { ClientSystem } from './client-system.port.js';

const MAX_TIMER_MS = 2_147_483_647;

/** This process and its machine. */
export function createClientSystem(): ClientSystem {
  return {
    runtime: createSystemRuntime(),
    env: processEnvironment(),
    cwd: process.cwd(),
    user: userName(),
    processes: { isAlive },
    fetch: globalThis.fetch,
    openSocket: openWebSocket,
  };
}

/** The real clock, timers, ids and randomness of this process. */
export function createSystemRuntime(): Runtime {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  return {
    clock,
    timers: {
      after(delayMs, callback): Cancel {
        const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_TIMER_MS));
        return () => clearTimeout(timer);
      },
      soon: (callback) => void setImmediate(callback),
    },
    ids: createUuidV7Source(clock, (bytes) => void randomFillSync(bytes)),
    random: { next: () => Math.random() },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry for this user id, as in some containers.
    return 'local';
  }
}
