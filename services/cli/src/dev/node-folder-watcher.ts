import { watch, type FSWatcher } from 'node:fs';
import type { FolderWatcher } from './folder-watcher.port.js';

/** By the operating system's own notifications. */
export function createNodeFolderWatcher(): FolderWatcher {
  return {
    watch(folders, hint) {
      const watchers = folders.flatMap((folder) => watchOne(folder, hint));
      return () => watchers.forEach((watcher) => watcher.close());
    },
  };
}

function watchOne(folder: string, hint: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { recursive: true, persistent: false }, hint);
    // The folder was removed, or the system watches no more: whoever looks from time to time sees the rest.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
