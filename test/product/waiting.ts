/** The first answer that is not undefined. */
export async function eventually<T>(what: string, limitMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await pause(15);
  }
}

const ANSWER_LIMIT_MS = 15_000;

/** The first answer that is not null, of a system that has little else to do. */
export function until<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  return eventually(what, ANSWER_LIMIT_MS, async () => (await ask()) ?? undefined);
}

/** Whether it held within the limit. */
export async function heldWithin(limitMs: number, holds: () => boolean): Promise<boolean> {
  for (const end = performance.now() + limitMs; performance.now() < end;) {
    if (holds()) return true;
    await pause(50);
  }
  return holds();
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function within<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain until ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
