import { stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { resolve } from 'node:path';
import type { Environment } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { readTextFile } from '../input/text-file.js';

const OTHERS_MAY = 0o077;

/**
 * The key that TUTTI_API_KEY_FILE names. A file of one's own that others may read is warned of; secrets that a platform mounts belong to somebody
 * else, and their modes are not ours to mend.
 *
 * @throws Failure FILE_UNREADABLE
 */
export async function readKeyFile(path: string, { cwd, stderr, userId }: Environment): Promise<string> {
  const key = (await readTextFile(path, cwd)).trim();
  if (key === '') throw new Failure('FILE_UNREADABLE', `${path}, which TUTTI_API_KEY_FILE names, is empty`, { exitCode: EXIT.invalid });
  const { mode, uid } = await stat(resolve(cwd, path));
  if (platform() !== 'win32' && uid === userId && (mode & OTHERS_MAY) !== 0)
    stderr.write(`warning: others may read the key in ${path}; chmod 600 it\n`);
  return key;
}
