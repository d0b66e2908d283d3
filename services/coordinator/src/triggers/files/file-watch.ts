import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Inbox } from '../../inbox/inbox.js';
import { TRIGGER_ACTOR } from '../triggered-runs.js';
import { fileSource } from './file-pattern.js';
import type { Folders, FoundFile } from './folders.port.js';

export interface WatchedFolder {
  readonly folder: string;
  /** Folders below it as well. */
  readonly below: boolean;
}

interface FileWatchParts {
  readonly folders: Folders;
  readonly inbox: Inbox;
  /** Only what lies in or below these is looked at. */
  readonly roots: readonly string[];
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

export const FILE_TYPE = 'file.found';

/** A file that has not changed for so long is taken to be whole. */
const SETTLE_MS = 1_000;
/** Notices of the system may be missing, on network drives always. */
const LOOK_AGAIN_MS = 60_000;
const MAX_FILES = 10_000;

interface Seen extends FoundFile {
  readonly recorded: boolean;
}

interface Watched extends WatchedFolder {
  readonly files: Map<string, Seen>;
  endWatching: () => void;
  /** The folder was there at the last look. */
  present: boolean;
  cancel: Cancel;
  looking: boolean;
  again: boolean;
  closed: boolean;
}

/**
 * Looks into folders and brings every file's every content into the inbox once, also what came while Tutti was down. A file is taken when it has rested for a
 * second.
 */
export class FileWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly looks = new Set<Promise<void>>();

  constructor(private readonly parts: FileWatchParts) {}

  /** These, and no others from now on. */
  set(folders: readonly WatchedFolder[]): void {
    for (const one of [...this.watched.values()]) {
      if (!folders.some(({ folder, below }) => folder === one.folder && below === one.below)) this.end(one);
    }
    for (const one of folders) if (!this.watched.has(one.folder)) void this.begin(one);
  }

  async stop(): Promise<void> {
    for (const one of [...this.watched.values()]) this.end(one);
    await Promise.allSettled(this.looks);
  }

  private begin({ folder, below }: WatchedFolder): void {
    const none = (): void => undefined;
    const one: Watched = {
      folder,
      below,
      files: new Map(),
      endWatching: none,
      present: false,
      cancel: none,
      looking: false,
      again: false,
      closed: false,
    };
    this.watched.set(folder, one);
    if (!isBelow(folder, this.parts.roots)) {
      this.parts.logger.warn('a file trigger’s folder is in none of the configured ones; nothing is looked for', {
        folder,
        expected: 'coordinator.triggers.fileRoots',
      });
      return;
    }
    this.look(one);
  }

  private end(one: Watched): void {
    one.closed = true;
    one.endWatching();
    one.cancel();
    this.watched.delete(one.folder);
  }

  private lookIn(one: Watched, ms: number): void {
    if (one.closed) return;
    one.cancel();
    one.cancel = this.parts.runtime.timers.after(ms, () => this.look(one));
  }

  private look(one: Watched): void {
    if (one.closed) return;
    if (one.looking) {
      one.again = true;
      return;
    }
    one.looking = true;
    const looked = this.lookThrough(one)
      .catch((error: unknown) => {
        this.parts.logger.warn('a folder could not be looked through; it is tried again', { folder: one.folder, err: error });
        return SETTLE_MS;
      })
      .then((nextMs) => {
        one.looking = false;
        this.looks.delete(looked);
        this.lookIn(one, one.again ? SETTLE_MS : nextMs);
        one.again = false;
      });
    this.looks.add(looked);
  }

  /** @returns when to look again */
  private async lookThrough(one: Watched): Promise<number> {
    const { folders, roots, logger } = this.parts;
    const { folder, below, files } = one;
    const real = await folders.real(folder);
    if (real === null) {
      one.present = false;
      return LOOK_AGAIN_MS;
    }
    const realRoots = (await Promise.all(roots.map((root) => folders.real(root)))).filter((root) => root !== null);
    if (!isBelow(real, realRoots)) {
      logger.warn('a file trigger’s folder leads out of the configured ones', { folder, real });
      return LOOK_AGAIN_MS;
    }
    if (!one.present) this.beginWatching(one);
    const found = await folders.list(folder, below, MAX_FILES);
    if (found.length === MAX_FILES) logger.warn('a file trigger’s folder holds more files than are looked at', { folder, most: MAX_FILES });
    const names = new Set(found.map(({ name }) => name));
    for (const name of [...files.keys()]) if (!names.has(name)) files.delete(name);
    let unsettled = false;
    for (const file of found) {
      if (one.closed) return LOOK_AGAIN_MS;
      const before = files.get(file.name);
      const rests = before?.bytes === file.bytes && before.modifiedMs === file.modifiedMs;
      if (rests && before.recorded) continue;
      if (rests) await this.record(folder, file);
      else unsettled = true;
      files.set(file.name, { ...file, recorded: rests });
    }
    return unsettled ? SETTLE_MS : LOOK_AGAIN_MS;
  }

  /** Before the look, so that nothing comes in between unnoticed. A folder that was taken away and made again is another to the system. */
  private beginWatching(one: Watched): void {
    one.endWatching();
    one.present = true;
    one.endWatching = this.parts.folders.watch(one.folder, one.below, () => this.lookIn(one, SETTLE_MS));
  }

  private async record(folder: string, { name, bytes }: FoundFile): Promise<void> {
    const sha256 = await this.parts.folders.hash(folder, name);
    if (sha256 === null) return;
    const event = {
      ...{ source: fileSource(folder), id: `${name}@${sha256}`, type: FILE_TYPE, subject: name, time: null },
      data: { path: join(folder, name), name, size: bytes, sha256 },
    };
    await this.parts.inbox.receive(event, { from: 'file', actor: TRIGGER_ACTOR });
  }
}

/** Whether a folder is one of these or lies below one. */
export function isBelow(folder: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const path = relative(resolve(root), resolve(folder));
    return path === '' || (path !== '..' && !path.startsWith('../') && !path.startsWith('..\\') && !isAbsolute(path));
  });
}
