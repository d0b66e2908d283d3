import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { TopicView } from '@tutti/event-bus';
import { highestPosition } from '@tutti/event-bus/embedded';
import { inspectWal } from '@tutti/event-store/embedded';
import { isTuttiError, TuttiError } from '@tutti/kernel';
import { highestCheckpoint } from '@tutti/read-models/embedded';
import type { StoreHostLogger } from '../store-ports.js';
import { folderFiles } from './folder-files.js';

const WAY_OUT =
  'restore a backup (tutti restore), or keep what is left by moving read-models.db and bus.db away, each with its -wal and -shm; tutti doctor says what is there';

/**
 * Finds what opening a folder's files would hide: a log that SQLite would silently cut short, and a log that ends before what others have seen of it.
 * Changes nothing. What only reading everything shows is left to `tutti doctor`. The caller holds the folder's lock.
 *
 * @throws TuttiError DATA_DAMAGED naming the file and what is lost
 */
export function inspectFolder(dataDir: string, views: readonly Pick<TopicView, 'topic'>[], logger: Pick<StoreHostLogger, 'warn'>): void {
  for (const detail of unfinishedLogs(dataDir)) logger.warn('a write was under way when the process ended; it is left out', { detail });
  assertLogReaches(dataDir, views);
}

/** What the logs of files that cannot be made again lack at their ends. @throws TuttiError DATA_DAMAGED */
export function unfinishedLogs(dataDir: string): readonly string[] {
  const { events, bus } = folderFiles(dataDir);
  return [events, bus].flatMap((file) => {
    const { state, detail } = inspectWal(file);
    if (state === 'damaged') throw new TuttiError('DATA_DAMAGED', `${detail}; ${WAY_OUT}`, { details: { file: `${file}-wal` } });
    return state === 'unfinished' ? [detail] : [];
  });
}

/** @param views topics whose positions are positions of the log @throws TuttiError DATA_DAMAGED */
export function assertLogReaches(dataDir: string, views: readonly Pick<TopicView, 'topic'>[]): void {
  const { events, bus, readModels } = folderFiles(dataDir);
  const topics = views.map(({ topic }) => topic);
  const head = headOf(events);
  if (head === null) return;
  for (const [file, seen] of [
    [readModels, existsSync(readModels) ? readable(() => highestCheckpoint(readModels)) : -1],
    [bus, existsSync(bus) ? highestPosition(bus, topics) : -1],
  ] as const) {
    if (seen <= head) continue;
    throw new TuttiError(
      'DATA_DAMAGED',
      `${events} ends at position ${head}, but ${file} has seen position ${seen}: ${seen - head} events are lost; ${WAY_OUT}`,
      { details: { file: events, head, seen } },
    );
  }
}

/** Read models are made again; what is wrong with their file is said where it is opened. */
function readable(read: () => number): number {
  try {
    return read();
  } catch (error) {
    if (isTuttiError(error)) return -1;
    throw error;
  }
}

/** Null when there is none, or it cannot be told: opening the store says why. */
function headOf(file: string): number | null {
  if (!existsSync(file)) return -1;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    return Number(database.prepare('SELECT max(position) AS head FROM events').get()?.['head'] ?? -1);
  } catch {
    return null;
  } finally {
    database?.close();
  }
}
