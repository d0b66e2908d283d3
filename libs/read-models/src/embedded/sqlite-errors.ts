import { isTuttiError, TuttiError } from '@tutti/kernel';

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Runs an action so that what SQLite throws comes out as a TuttiError that says what to do. */
export function translateSqliteErrors(file: string): <Result>(action: () => Result) => Result {
  return (action) => {
    try {
      return action();
    } catch (error) {
      throw isTuttiError(error) ? error : translate(error, file);
    }
  };
}

function translate(cause: unknown, file: string): TuttiError {
  const message = cause instanceof Error ? cause.message : String(cause);
  switch (primaryCode(cause)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new TuttiError(
        'DATA_DAMAGED',
        `the read models in ${file} cannot be read (${message}); delete the file, it is rebuilt from the event store`,
        { cause },
      );
    case SQLITE_FULL:
      return new TuttiError('DISK_FULL', `the disk of ${file} is full; nothing was written`, { cause });
    case null:
      return new TuttiError('INTERNAL', message, { cause });
    default:
      return new TuttiError('STORE_UNAVAILABLE', `the read models in ${file} refused: ${message}`, { cause });
  }
}

/** Extended codes carry the primary one in their low byte. */
function primaryCode(error: unknown): number | null {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : null;
  return typeof code === 'number' ? code & 0xff : null;
}
