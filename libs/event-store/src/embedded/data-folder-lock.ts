import { TuttiError } from '@tutti/kernel';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './sqlite-errors.js';

export interface DataFolderLock {
  readonly folder: string;
  /** Lets another process in. Doing it twice does nothing. */
  release(): void;
}

/**
 * Makes the folder, readable to its owner only, and holds it for this process. The lock is the operating system's, on `lock.db`:
 * it goes with the process, however that ends, and is never stale. `lock.json` only tells others who holds it.
 *
 * @throws TuttiError STORE_LOCKED (details: `{folder, pid}`; pid null when it is not known)
 */
export function lockDataFolder(folder: string): DataFolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const database = new DatabaseSync(join(folder, 'lock.db'));
  try {
    chmodSync(join(folder, 'lock.db'), 0o600);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    const pid = holder(folder);
    const who = pid === null ? 'another process' : `process ${pid}`;
    throw new TuttiError('STORE_LOCKED', `data folder ${folder} is in use by ${who}; end it, or choose another folder`, {
      details: { folder, pid },
    });
  }
  writeFileSync(join(folder, 'lock.json'), `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 });
  return { folder, release: () => void (database.isOpen && database.close()) };
}

function holder(folder: string): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')) as { readonly pid?: unknown };
    return typeof pid === 'number' ? pid : null;
  } catch {
    return null;
  }
}
