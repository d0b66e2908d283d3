import { relative } from 'node:path';

/** How a reload went, for a person. */
export interface ReloadPrinter {
  /** Something new is in force. */
  done(text: string): void;
  /** What was in force stays; the lines say what is wrong, each with its place. */
  refused(text: string, lines: readonly string[]): void;
  /** Said by a process. */
  line(text: string): void;
}

/** At most three, relative to the working folder. */
export function fileNames(cwd: string, files: readonly string[]): string {
  const names = files.slice(0, 3).map((file) => relative(cwd, file));
  return `${names.join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`;
}
