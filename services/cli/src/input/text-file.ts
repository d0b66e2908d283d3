import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

/** Larger files are refused before they are sent. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A file as UTF-8 text without a byte order mark. @throws Failure FILE_UNREADABLE with the reason */
export async function readTextFile(path: string, cwd: string): Promise<string> {
  const file = resolve(cwd, path);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw unreadable(path, reason, error);
  }
  if (bytes.length > MOST_BYTES) throw unreadable(path, `it has ${bytes.length} bytes; at most ${MOST_BYTES} are taken`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(path, 'it is not UTF-8 text', error);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('FILE_UNREADABLE', `cannot read ${path}: ${reason}`, { exitCode: EXIT.invalid, cause });
}
