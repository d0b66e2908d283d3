import { statfs } from 'node:fs/promises';
import { toTuttiError } from '@tutti/kernel';
import type { RunningProjection } from '@tutti/read-models';

/** What was found, and what to do about it. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

const LAG_WARNING = 10_000;
const MIB = 1_048_576;

/** What cannot be looked at has failed, with the reason. */
export async function findingOf(find: () => Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    return { status: 'failed', detail: toTuttiError(error).message };
  }
}

/** How read models are: not followed yet, standing still, far behind the log, or up with it. */
export async function findReadModels(running: readonly RunningProjection[]): Promise<Finding> {
  if (running.length === 0) return { status: 'warning', detail: 'not followed yet' };
  const failed = running.map((projection) => projection.status()).filter(({ state }) => state === 'failed');
  if (failed.length > 0)
    return { status: 'failed', detail: failed.map((status) => ('error' in status ? status.error.message : status.state)).join('; ') };
  const worst = Math.max(0, ...(await Promise.all(running.map((projection) => projection.lag()))));
  return { status: worst > LAG_WARNING ? 'warning' : 'ok', detail: `${running.length} projections, at most ${worst} positions behind` };
}

/** How much room the volume of the data folder has, beside the floor at which appends are refused. */
export async function findSpace(dataDir: string, minFreeBytes: number): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / MIB)} MiB free at ${dataDir}; appends are refused below ${Math.floor(minFreeBytes / MIB)} MiB`;
  return { status: free < minFreeBytes ? 'failed' : free < 2 * minFreeBytes ? 'warning' : 'ok', detail };
}
