import { usageFailure } from '../failure/failure.js';

const MAX_LENGTH = 100;

/**
 * The project's name, which npm takes too.
 *
 * @throws Failure USAGE that says what a name looks like
 */
export function checkProjectName(name: string): string {
  if (name.length <= MAX_LENGTH && /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(name)) return name;
  throw usageFailure(
    `"${name}" is no name of a project`,
    `a name has at most ${MAX_LENGTH} lower-case letters, digits, ".", "_" and "-", and begins and ends with a letter or digit, like order-review`,
  );
}
