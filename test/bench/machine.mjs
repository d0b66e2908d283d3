import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './statistics.mjs';

const SYNCS = 200;
const PAGE_BYTES = 40 * 1_024;

/** Without it no figure means anything. */
export function describeMachine(folder) {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1_024 ** 3),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    fdatasyncMs: fdatasyncMs(join(folder, `tutti-bench-sync-${process.pid}`)),
  };
}

/** The median of making 40 KiB durable. */
function fdatasyncMs(file) {
  const handle = openSync(file, 'w');
  const page = Buffer.alloc(PAGE_BYTES);
  const times = Array.from({ length: SYNCS }, () => {
    const start = performance.now();
    writeSync(handle, page);
    fdatasyncSync(handle);
    return performance.now() - start;
  });
  closeSync(handle);
  rmSync(file);
  return median(times);
}
