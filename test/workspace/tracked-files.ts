import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Paths, relative to the root, of what git tracks and the work tree holds. */
export function trackedFiles(): readonly string[] {
  const listing = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return listing.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}
