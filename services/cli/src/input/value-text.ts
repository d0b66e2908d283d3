import { usageFailure } from '../failure/failure.js';
import { readTextFile } from './text-file.js';

/** A value as it stands on a command line: a text, `@file` for a file's text, or `:json` for any JSON value. @throws Failure USAGE, FILE_UNREADABLE */
export async function valueOf(place: string, text: string, cwd: string): Promise<unknown> {
  if (text.startsWith('@')) return readTextFile(text.slice(1), cwd);
  if (!text.startsWith(':')) return text;
  try {
    return JSON.parse(text.slice(1)) as unknown;
  } catch (error) {
    throw usageFailure(
      `${place}: ${error instanceof Error ? error.message : 'not JSON'}`,
      'after ":" comes JSON, like count=:3, list=:\'["a","b"]\', or text=:\'":-)"\'',
    );
  }
}
