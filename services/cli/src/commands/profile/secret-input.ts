import type { Cli } from '../../cli.js';
import { usageFailure } from '../../failure/failure.js';

/**
 * A key from standard input, or asked for without showing it. One on the command line is taken with a warning.
 *
 * @throws Failure USAGE where there is none, or more than one line
 */
export async function readSecret(cli: Cli, onCommandLine: string | undefined, command: string): Promise<string> {
  const { keyboard } = cli.environment;
  if (onCommandLine !== undefined) {
    cli.say('warning: a key on the command line can be seen in the list of processes and stays in the history of the shell');
    return onCommandLine;
  }
  const text = keyboard.isTty ? await keyboard.askSecret('API key or token: ') : await keyboard.readAll();
  const secret = text?.trim() ?? '';
  if (secret === '') throw usageFailure('no key was given', `pipe it in: tutti ${command} < key.txt`);
  if (/[\s\p{Cc}]/u.test(secret)) throw usageFailure('a key is one line without blanks', `pipe it in: tutti ${command} < key.txt`);
  return secret;
}
