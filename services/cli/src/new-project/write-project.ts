import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { usageFailure } from '../failure/failure.js';
import type { ProjectFile } from './template.js';

/**
 * Writes the files into the folder, which must be empty or not be there. They are written beside it and moved there when all are, so that a project is
 * there whole or not at all.
 *
 * @throws Failure USAGE when something is in the folder
 */
export async function writeProject(folder: string, files: readonly ProjectFile[]): Promise<void> {
  await requireEmpty(folder);
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const draft = join(parent, `.${basename(folder)}.new`);
  // One that was killed left it.
  await rm(draft, { recursive: true, force: true });
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    await (existsSync(folder) ? moveInto(folder, draft) : rename(draft, folder));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A folder that is there may be the one that somebody stands in, so it stays the same one. */
async function moveInto(folder: string, draft: string): Promise<void> {
  const names = await readdir(draft);
  try {
    for (const name of names) await rename(join(draft, name), join(folder, name));
  } catch (error) {
    for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
    throw error;
  }
}

/** @throws Failure USAGE */
export async function requireEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw usageFailure(`${folder} is there and is no folder`, 'name one that is empty or not there');
    throw error;
  });
  if (found.length === 0) return;
  const some = found.sort().slice(0, 3).join(', ');
  throw usageFailure(`${folder} is not empty: it holds ${some}${found.length > 3 ? ' …' : ''}`, 'name a folder that is empty or not there');
}
