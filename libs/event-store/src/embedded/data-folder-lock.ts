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

interface LockOptions {
  /** Whether the holder serves the folder to other processes, or is about to: they wait for it then instead of giving up. Default false. */
  readonly shared?: boolean;
}

/**
 * Makes the folder, readable to its owner only, and holds it for this process. The lock is the operating system's, on `lock.db`:
 * it goes with the process, however that ends, and is never stale. `lock.json` only tells others who holds it.
 *
 * @throws TuttiError STORE_LOCKED (details: `{folder, pid, shared}`; pid null when it is not known)
 */
export function lockDataFolder(folder: string, { shared = false }: LockOptions = {}): DataFolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const database = new DatabaseSync(join(folder, 'lock.db'));
  try {
    chmodSync(join(folder, 'lock.db'), 0o600);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    const { pid, shared } = holder(folder);
    const who = pid === null ? 'another process' : `process ${pid}`;
    throw new TuttiError('STORE_LOCKED', `data folder ${folder} is in use by ${who}; end it, or choose another folder`, {
      details: { folder, pid, shared },
    });
  }
  try {
    writeFileSync(join(folder, 'lock.json'), `${JSON.stringify({ pid: process.pid, shared })}\n`, { mode: 0o600 });
  } catch (error) {
    // On a full disk, for one. Held by nobody who knows of it, the folder could not be had any more.
    database.close();
    throw error;
  }
  return { folder, release: () => void (database.isOpen && database.close()) };
}

/** Whoever took the lock a moment ago may not have said so yet: then this is the holder before, or nobody. */
function holder(folder: string): { readonly pid: number | null; readonly shared: boolean } {
  try {
    const { pid, shared } = JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')) as Readonly<Record<string, unknown>>;
    return { pid: typeof pid === 'number' ? pid : null, shared: shared === true };
  } catch {
    return { pid: null, shared: false };
  }
}
