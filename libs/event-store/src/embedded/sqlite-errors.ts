import { isTuttiError, TuttiError } from '@tutti/kernel';

/** Primary result codes (https://www.sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

export function isDiskFull(error: unknown): boolean {
  return primaryCode(error) === SQLITE_FULL;
}

/** A system call failed with this `code`, like `EEXIST`. */
export function isSystemError(error: unknown, code: string): boolean {
  return property(error, 'code') === code;
}

export function messageOf(error: unknown): string {
  const message = property(error, 'message');
  return typeof message === 'string' ? message : String(error);
}

export function damaged(file: string, found: string, cause?: unknown): TuttiError {
  const fix = 'restore it from a backup, or move it and its -wal and -shm files away to start empty';
  return new TuttiError('DATA_DAMAGED', `event store ${file}: ${found}; ${fix}`, { details: { file }, cause });
}

/** What SQLite threw while opening or reading, as a TuttiError. */
export function toStoreError(file: string, error: unknown): TuttiError {
  if (isTuttiError(error)) return error;
  const message = messageOf(error);
  const code = primaryCode(error);
  if (code === SQLITE_NOTADB) return damaged(file, 'is not an SQLite database', error);
  if (code === SQLITE_CORRUPT) return damaged(file, `is damaged (${message})`, error);
  return new TuttiError('STORE_UNAVAILABLE', `event store ${file} cannot be used: ${message}`, { details: { file }, cause: error });
}

/** Extended codes carry the primary one in their low byte. */
function primaryCode(error: unknown): number | null {
  const errcode = property(error, 'errcode');
  return typeof errcode === 'number' ? errcode & 0xff : null;
}

/** Of whatever was thrown; `instanceof Error` fails for Node's own errors in another realm. */
function property(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>)[name] : undefined;
}
