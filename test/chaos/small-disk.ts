import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../product/standalone-process.js';
import { pause } from '../product/waiting.js';

const MIB = 1_024 * 1_024;
const DISK_MIB = 160;
/** The store asks the file system once a second, and the floor is there for whatever else happens meanwhile. */
const PAUSE_MS = 25;

/** A file system of its own, in memory, that a test can fill to the last byte. */
export interface SmallDisk {
  readonly folder: string;
  free(): number;
  fill(): Promise<void>;
  makeRoom(): void;
  unmount(): void;
}

/** @throws Error saying why, where none can be mounted: that needs root on Linux */
export function mountSmallDisk(): SmallDisk {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`no small disk could be mounted, which takes root on Linux: ${error?.message ?? stderr}`);
  const filler = join(folder, 'filler');
  const free = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    folder,
    free,
    async fill() {
      const handle = openSync(filler, 'a');
      try {
        for (let chunk = MIB; chunk >= 1;) {
          try {
            writeSync(handle, Buffer.alloc(chunk));
            if (chunk === MIB) await pause(PAUSE_MS);
          } catch (problem) {
            if ((problem as NodeJS.ErrnoException).code !== 'ENOSPC') throw problem;
            chunk = Math.floor(chunk / 16);
          }
        }
      } finally {
        closeSync(handle);
      }
    },
    makeRoom: () => rmSync(filler),
    unmount() {
      const ended = spawnSync('umount', [folder], { encoding: 'utf8' });
      if (ended.status !== 0) throw new Error(`${folder} could not be unmounted: ${ended.stderr}`);
    },
  };
}
