import type { Argument, CommandDefinition, CommandTable, Flag, ValueSource } from '../command.js';
import { flagWords, GLOBAL_FLAGS, takesValue } from '../global-flags.js';
import { resolveLine } from '../line/resolve-line.js';

export interface Candidate {
  readonly value: string;
  readonly summary: string;
}

/** What may stand in the place of the last word. Files and folders are the shell's own. */
export interface Candidates {
  readonly own: readonly Candidate[];
  /** Asked for besides, where the system knows them. */
  readonly source: ValueSource | null;
  /** What stands before the value in the same word, as in `--output=`. */
  readonly prefix: string;
}

const NOTHING: Candidates = { own: [], source: null, prefix: '' };

/** What may come where the last of the words stands, which may be empty or begun. Knows the table alone; filters nothing. */
export function candidatesFor(table: CommandTable, words: readonly string[]): Candidates {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const line = resolveLine(table, before);
  const command = line.kind === 'command' ? line.command : null;
  const flags = [...(command?.flags ?? []), ...GLOBAL_FLAGS];
  const joined = /^(--[\w-]+=)/.exec(last)?.[1];
  if (joined !== undefined) return { ...valuesOf(flags.find((flag) => flagWords(flag).includes(joined.slice(0, -1)))), prefix: joined };
  const open = flags.find((flag) => takesValue(flag) && flagWords(flag).includes(before.at(-1) ?? ''));
  if (open !== undefined) return valuesOf(open);
  if (last.startsWith('-')) return { ...NOTHING, own: flags.flatMap(flagCandidates) };
  if (line.kind === 'nothing') return { ...NOTHING, own: topCandidates(table) };
  if (line.kind !== 'command') return NOTHING;
  const operands = operandsOf(line.rest, flags);
  const values = valuesOf(argumentAt(line.command, operands));
  // Behind a noun both its verbs and what its own verb takes may come.
  if (line.implied && operands === 0 && line.noun !== null)
    return { ...values, own: [...line.noun.commands.map(({ name, summary }) => ({ value: name, summary })), ...values.own] };
  return values;
}

/** Nouns and commands. */
export function topCandidates(table: CommandTable): readonly Candidate[] {
  return table.flatMap(({ entries }) => entries).map(({ name, summary }) => ({ value: name, summary }));
}

function flagCandidates(flag: Flag): readonly Candidate[] {
  return flagWords(flag)
    .filter((word) => word.startsWith('--'))
    .map((value) => ({ value, summary: flag.summary }));
}

function valuesOf(place: Flag | Argument | undefined): Candidates {
  if (place === undefined) return NOTHING;
  return { own: (place.choices ?? []).map((value) => ({ value, summary: '' })), source: place.values ?? null, prefix: '' };
}

function argumentAt({ args = [] }: CommandDefinition, index: number): Argument | undefined {
  const last = args.at(-1);
  return args[index] ?? (last?.name.includes('...') === true ? last : undefined);
}

/** How many words are neither flags nor their values. */
function operandsOf(rest: readonly string[], flags: readonly Flag[]): number {
  let count = 0;
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (!word.startsWith('-') || word === '-') count += 1;
    else if (flags.some((flag) => takesValue(flag) && flagWords(flag).includes(word))) at += 1;
  }
  return count;
}
