import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, stat, type FileHandle } from 'node:fs/promises';
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

async function makeToken(path: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const file = await createFile(path);
  try {
    // The mode given when it is opened counts only for a file that was not there.
    await file.chmod(OWNER_ONLY);
    await file.writeFile(`${token}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return token;
}

/** An empty file is replaced; one that another process filled in the meantime is not. */
async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', OWNER_ONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || (await stat(path)).size > 0) throw unreadable(path, error);
    return open(path, 'w', OWNER_ONLY);
  }
}

function unreadable(path: string, error: unknown): TuttiError {
  return new TuttiError('INVALID_CONFIG', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
}
