/** What waited longer goes on in a trace of its own, with a link to the one where the wait began. */
const LONG_WAIT_MS = 60_000;

export function isLongWait(waitedMs: number): boolean {
  return waitedMs >= LONG_WAIT_MS;
}
