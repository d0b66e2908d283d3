import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataFolder, type DataFolderLock } from '../data-folder-lock.js';

/** Takes the lock again and again, each time for a moment; says each, and whose mark it found: that of one that was killed, if all is well. */
const folder = process.argv[2] ?? '';
const mark = join(folder, 'inside');

function tryLock(): DataFolderLock | null {
  try {
    return lockDataFolder(folder, { shared: true });
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'STORE_LOCKED') throw error;
    return null;
  }
}

const pause = () => new Promise<void>((resolve) => void setTimeout(resolve, 1));

for (;;) {
  const lock = tryLock();
  if (lock !== null) {
    try {
      writeFileSync(mark, String(process.pid), { flag: 'wx' });
    } catch {
      process.stdout.write(`found ${readFileSync(mark, 'utf8')}\n`);
      writeFileSync(mark, String(process.pid));
    }
    await pause();
    rmSync(mark);
    lock.release();
    process.stdout.write('held\n');
  }
  await pause();
}
