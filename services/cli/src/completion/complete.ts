import { createCli } from '../cli.js';
import type { GlobalOptions } from '../global-options.js';
import type { CommandTable } from '../command.js';
import type { Environment } from '../environment.port.js';
import { sanitizeText } from '../terminal/text-width.js';
import { candidatesFor } from './candidates.js';
import { dynamicValues } from './dynamic-values.js';

/** The word by which the scripts of shells ask. It is no command of the table: nobody types it. */
export const COMPLETE = '__complete';

const SHELLS_OWN = { file: ':files', folder: ':folders' } as const;

/** Prints what may stand in place of the last word. Silent about whatever goes wrong. */
export async function complete(table: CommandTable, environment: Environment, words: readonly string[]): Promise<void> {
  const line = words[0] === '--' ? words.slice(1) : words;
  const { own, source, prefix } = candidatesFor(table, line);
  const begun = (line.at(-1) ?? '').slice(prefix.length);
  const cli = createCli(environment, globalsOf(line));
  const asked = source === null || source in SHELLS_OWN ? [] : await dynamicValues(table, cli, source);
  const fitting = [...own, ...asked].filter(({ value }) => value.startsWith(begun));
  for (const { value, summary } of fitting)
    environment.stdout.write(`${prefix}${value}${summary === '' ? '' : `\t${sanitizeText(summary)}`}\n`);
  environment.stdout.write(`${source === 'file' || source === 'folder' ? SHELLS_OWN[source] : ':end'}\n`);
}

/** Which system the line means, as far as it has been typed. */
function globalsOf(line: readonly string[]): GlobalOptions {
  const after = (flag: string): string | undefined => {
    const at = line.indexOf(flag);
    return at < 0 || at + 1 >= line.length - 1 ? undefined : line[at + 1];
  };
  const given = { profile: after('--profile'), url: after('--url'), token: after('--token'), dataDir: after('--data-dir') };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
