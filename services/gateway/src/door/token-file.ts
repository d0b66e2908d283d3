import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TuttiError } from '@tutti/kernel';
import { TOKEN_PATTERN } from '../gateway.config.js';

const TOKEN_BYTES = 32;
const OWNER_ONLY = 0o600;

/** Where the token of a data folder is kept; the CLI reads it there. */
export function tokenPath(dataDir: string): string {
  return join(dataDir, 'token');
}

/**
 * The configured token, else the one in the data folder, else a new one that is written there for its owner alone.
 *
 * @throws TuttiError INVALID_CONFIG when the file holds something else
 */
export async function ensureToken(dataDir: string, configured?: string): Promise<string> {
  if (configured !== undefined) return configured;
  const path = tokenPath(dataDir);
  await mkdir(dataDir, { recursive: true });
  return (await readToken(path)) ?? (await makeToken(path));
}

async function readToken(path: string): Promise<string | null> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(path, error);
  }
  // What a crash between creating and writing leaves behind.
  if (text === '') return null;
  if (!TOKEN_PATTERN.test(text)) throw new TuttiError('INVALID_CONFIG', `${path} does not hold a token; delete it, and a new one is made`);
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, OWNER_ONLY);
  return text;
}

/** Written aside and put in place whole, so that of several processes which make one at once all have the same. */
async function makeToken(path: string): Promise<string> {
  const aside = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    const file = await open(aside, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(`${randomBytes(TOKEN_BYTES).toString('base64url')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await putInPlace(aside, path);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await rm(aside, { force: true });
  }
  return (await readToken(path)) ?? makeToken(path);
}

/** One that another process put there meanwhile stays; an empty one is replaced. */
async function putInPlace(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    // Some volumes have no links.
    if (!isTaken || (await stat(path)).size === 0) await rename(aside, path);
  }
}

function unreadable(path: string, error: unknown): TuttiError {
  return new TuttiError('INVALID_CONFIG', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
}
