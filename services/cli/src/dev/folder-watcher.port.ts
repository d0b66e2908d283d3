import type { Cancel } from '@tutti/kernel';

/** Says that it may be worth looking at folders again. What has changed is for the one who looks to find. */
export interface FolderWatcher {
  /**
   * Calls back after something changed in the folders or below them; several changes may come as one call, and calls may come without a
   * change. May miss changes where the system gives no word of them, as on some network drives: look every few seconds besides. A folder
   * that is not there is passed over.
   */
  watch(folders: readonly string[], hint: () => void): Cancel;
}
