import type { Flag } from './command.js';
import { OUTPUT_FORMATS } from './output/output-format.js';

/** Taken by every command, before and behind its words. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { flags: '--profile <name>', summary: 'profile of the configuration file (TUTTI_PROFILE)', values: 'profile' },
  {
    flags: '--url <url>',
    summary: 'address of the system (TUTTI_ADDRESS); default: the profile’s, else the one that runs in the data folder',
  },
  {
    flags: '--token <token>',
    summary: 'API key or token (TUTTI_API_KEY, TUTTI_API_KEY_FILE); others on this machine may see it in the list of processes',
  },
  { flags: '--data-dir <dir>', summary: 'data folder (TUTTI_DATA_DIR); default: ./.tutti', values: 'folder' },
  { flags: '-o, --output <format>', summary: 'how results are printed', choices: OUTPUT_FORMATS },
  { flags: '--json', summary: 'the same as -o json' },
  { flags: '--columns <names>', summary: 'only these columns of a table, like run,status', values: 'column' },
  { flags: '--wide', summary: 'all columns, nothing cut off' },
  { flags: '--color <when>', summary: 'colours; also NO_COLOR and FORCE_COLOR', choices: ['auto', 'always', 'never'] },
];

/** The words that a flag goes by: `-o`, `--output`. */
export function flagWords({ flags }: Pick<Flag, 'flags'>): readonly string[] {
  return flags.split(/[ ,]+/).filter((word) => word.startsWith('-'));
}

export function takesValue({ flags }: Pick<Flag, 'flags'>): boolean {
  return flags.includes('<');
}
