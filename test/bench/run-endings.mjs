import { within } from './limits.mjs';

const RUN_LIMIT_MS = 120_000;

export const ENDS = ['RunSucceeded', 'RunFailed', 'RunCancelled'];

/** Waits for ends of runs by their events, whichever comes first: the end or the question. */
export function createEndings() {
  const early = new Map();
  const waiting = new Map();
  return {
    ended(runId, type) {
      const resolve = waiting.get(runId);
      if (resolve === undefined) early.set(runId, type);
      else resolve(type);
      waiting.delete(runId);
    },
    async of(runId) {
      const known = early.get(runId);
      const type = known ?? (await within(RUN_LIMIT_MS, `the end of run ${runId}`, new Promise((resolve) => waiting.set(runId, resolve))));
      early.delete(runId);
      if (type !== 'RunSucceeded') throw new Error(`run ${runId}: ${type}`);
    },
  };
}
