import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Ids } from '@tutti/kernel';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import type { RunDocument } from './run-documents.js';

/** Reserved or steering characters: control characters, and what is special to Windows. */
const REFUSED_CHARACTERS = /[\p{Cc}\\:*?"<>|]/u;
const LONGEST_PATH = 1_000;

/**
 * Writes every document under the folder, each whole or not at all. All paths are checked before the first is written: relative, without
 * `..`, none twice, and no symbolic link on the way may lead out of the folder.
 *
 * @returns the files written, absolute, in the documents' order
 * @throws Failure OUTPUT_REFUSED, or FILE_UNWRITABLE with the system's reason
 */
export async function writeDocuments(folder: string, documents: readonly RunDocument[], ids: Ids): Promise<readonly string[]> {
  const targets = documents.map((document) => ({ document, parts: pathParts(document.path) }));
  const seen = new Set<string>();
  for (const { parts, document } of targets) {
    // Case-insensitive file systems hold only one of them.
    const key = parts.join('/').toLowerCase();
    if (seen.has(key)) throw refused(`two documents have the path "${document.path}"`);
    seen.add(key);
  }
  const root = resolve(folder);
  try {
    await mkdir(root, { recursive: true });
    const realRoot = await realpath(root);
    const written: string[] = [];
    for (const { document, parts } of targets) written.push(await writeOne(root, realRoot, parts, document.content, ids));
    return written;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('FILE_UNWRITABLE', `cannot write documents: ${error instanceof Error ? error.message : String(error)}`, {
      exitCode: EXIT.failed,
      where: root,
      cause: error,
    });
  }
}

function pathParts(path: string): readonly string[] {
  const parts = path.split('/');
  const bad =
    path === ''
      ? 'is empty'
      : path.length > LONGEST_PATH
        ? `is longer than ${LONGEST_PATH} characters`
        : REFUSED_CHARACTERS.test(path)
          ? 'has a character that is refused in file names'
          : path.startsWith('/')
            ? 'is absolute'
            : parts.some((part) => part === '..')
              ? 'leads out of the folder'
              : parts.some((part) => part === '' || part === '.')
                ? 'has an empty part'
                : null;
  if (bad !== null) throw refused(`document path ${JSON.stringify(path)} ${bad}; nothing was written`);
  return parts;
}

async function writeOne(root: string, realRoot: string, parts: readonly string[], content: string, ids: Ids): Promise<string> {
  const target = join(root, ...parts);
  let folder = realRoot;
  // One level at a time, so that no folder is made behind a link before it is known where the link leads.
  for (const part of parts.slice(0, -1)) {
    const next = join(folder, part);
    await mkdir(next, { recursive: true });
    folder = await realpath(next);
    if (!isInside(realRoot, folder)) throw refused(`"${next}" is a link that leads out of ${root}; ${parts.join('/')} was not written`);
  }
  const name = parts.at(-1) ?? '';
  const temporary = join(folder, `.${ids.next()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    // Replaces a link of that name instead of following it.
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return target;
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function refused(message: string): Failure {
  return new Failure('OUTPUT_REFUSED', message, { exitCode: EXIT.invalid });
}
