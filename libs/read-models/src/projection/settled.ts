import type { Runtime } from '@tutti/kernel';

/** Resolves when the work has succeeded or failed, or when the time is over. */
export async function settled(timers: Runtime['timers'], limitMs: number, work: () => Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.after(limitMs, resolve);
  work().then(
    () => resolve(),
    () => resolve(),
  );
  await promise;
  cancel();
}
