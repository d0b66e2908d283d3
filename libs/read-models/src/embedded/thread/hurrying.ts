import type { Cancel, Timers } from '@tutti/kernel';

/** Many queries wait at once: each message wakes the thread, and each waking writes a small step. */
const REST_MS = 5;

export interface Hurrying {
  /** Asks for what is committed up to here; at once, or together with others that ask within the rest. */
  readonly hurry: (head: number) => void;
  readonly stop: () => void;
}

export function createHurrying(tell: (head: number) => void, timers: Pick<Timers, 'after'>): Hurrying {
  let stopRest: Cancel | null = null;
  let told = -1;
  let wanted = -1;
  const say = (): void => {
    told = wanted;
    tell(told);
    stopRest = timers.after(REST_MS, () => {
      stopRest = null;
      if (wanted > told) say();
    });
  };
  return {
    hurry(head) {
      wanted = Math.max(wanted, head);
      if (stopRest === null) say();
    },
    stop() {
      stopRest?.();
    },
  };
}
