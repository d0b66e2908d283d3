export interface FoundFile {
  /** Path below the folder, with "/" between its parts. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Folders of files, as far as triggers need them. Nothing is written. */
export interface Folders {
  /** Where the path leads once links are followed; null when there is nothing. */
  real(path: string): Promise<string | null>;
  /**
   * Regular files, links left out.
   *
   * @param below in the folders below as well
   * @returns at most so many; none when there is no such folder
   */
  list(folder: string, below: boolean, most: number): Promise<readonly FoundFile[]>;
  /** SHA-256 of its content; null when it is gone. */
  hash(folder: string, name: string): Promise<string | null>;
  /**
   * Calls back after something may have changed, maybe more often than it has; what goes wrong, too, is such a call. Not promised: that every change is told.
   *
   * @returns how to end it
   */
  watch(folder: string, below: boolean, onChange: () => void): () => void;
}
