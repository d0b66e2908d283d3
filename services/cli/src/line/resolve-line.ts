import { isNoun, type CommandDefinition, type CommandTable, type Noun } from '../command.js';
import { flagWords, GLOBAL_FLAGS, takesValue } from '../global-flags.js';
import { meant } from './typo.js';

/** A command line as the table knows it. */
export type ResolvedLine =
  | {
      readonly kind: 'command';
      readonly noun: Noun | null;
      readonly command: CommandDefinition;
      /** What the command parses: flags that stood before its words, then all behind them. */
      readonly rest: readonly string[];
      /** The verb was not said, but taken for granted. */
      readonly implied: boolean;
      /** What stood in the verb's place and is much like one, as a whole line. */
      readonly nearMiss: string | null;
    }
  | { readonly kind: 'noun'; readonly noun: Noun; readonly rest: readonly string[] }
  | { readonly kind: 'nothing'; readonly rest: readonly string[] }
  | { readonly kind: 'unknown'; readonly word: string; readonly meant: readonly string[] };

const HELP = ['-h', '--help'];
/** Flags of the program itself, which take no value. */
const BARE = new Set([...HELP, '-V', '--version', ...GLOBAL_FLAGS.filter((flag) => !takesValue(flag)).flatMap(flagWords)]);
const WITH_VALUE = new Set(GLOBAL_FLAGS.filter(takesValue).flatMap(flagWords));

/** Finds the command that a line means: by noun and verb in singular or plural, by a noun alone, or by a short line of old. */
export function resolveLine(table: CommandTable, argv: readonly string[]): ResolvedLine {
  const first = takeWord(argv);
  if (first.word === null) return { kind: 'nothing', rest: argv };
  const entries = table.flatMap((section) => section.entries);
  const noun = entries.filter(isNoun).find(({ name, plural }) => first.word === name || first.word === plural);
  if (noun !== undefined) return ofNoun(noun, first.word, first.rest);
  const nouns: readonly (Noun | null)[] = [null, ...entries.filter(isNoun)];
  for (const owner of nouns) {
    const commands = owner === null ? entries.filter((entry): entry is CommandDefinition => !isNoun(entry)) : owner.commands;
    const command = commands.find(
      (one) =>
        (owner === null && (one.name === first.word || one.aliases?.includes(first.word ?? ''))) || one.short?.includes(first.word ?? ''),
    );
    if (command !== undefined) return { kind: 'command', noun: owner, command, rest: first.rest, implied: false, nearMiss: null };
  }
  return { kind: 'unknown', word: first.word, meant: meant(first.word, topWords(table)) };
}

function ofNoun(noun: Noun, said: string, rest: readonly string[]): ResolvedLine {
  const second = takeWord(rest);
  const command = verbOf(noun, second.word ?? '');
  if (command !== undefined) return { kind: 'command', noun, command, rest: second.rest, implied: false, nearMiss: null };
  if (said === noun.name && second.word === null && rest.some((word) => HELP.includes(word))) return { kind: 'noun', noun, rest };
  const implied = verbOf(noun, said === noun.plural ? noun.pluralVerb : noun.verb);
  if (implied === undefined) throw new Error(`the noun ${noun.name} has no verb ${noun.verb}`);
  const near = second.word === null ? [] : meant(second.word, verbsOf(noun));
  if (second.word !== null && (implied.args ?? []).length === 0)
    return { kind: 'unknown', word: `${said} ${second.word}`, meant: near.map((verb) => `${said} ${verb}`) };
  return { kind: 'command', noun, command: implied, rest, implied: true, nearMiss: near[0] === undefined ? null : `${said} ${near[0]}` };
}

export function verbOf({ commands }: Noun, word: string): CommandDefinition | undefined {
  return commands.find(({ name, aliases }) => name === word || aliases?.includes(word));
}

function verbsOf({ commands }: Noun): readonly string[] {
  return commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
}

/** Every word that a line may begin with. */
export function topWords(table: CommandTable): readonly string[] {
  return table
    .flatMap((section) => section.entries)
    .flatMap((entry) =>
      isNoun(entry)
        ? [entry.name, entry.plural, ...entry.commands.flatMap(({ short = [] }) => short)]
        : [entry.name, ...(entry.aliases ?? [])],
    );
}

/** The words that lead to a command: `run list`, `doctor`. */
export function pathOf(noun: Noun | null, { name }: CommandDefinition): string {
  return noun === null ? name : `${noun.name} ${name}`;
}

/** The first word that is no global flag, and the line without it; null when another flag stands there, or nothing. */
function takeWord(line: readonly string[]): { readonly word: string | null; readonly rest: readonly string[] } {
  for (let at = 0; at < line.length; at++) {
    const word = line[at] ?? '';
    if (WITH_VALUE.has(word)) at += 1;
    else if (!word.startsWith('-') || word === '-') return { word, rest: [...line.slice(0, at), ...line.slice(at + 1)] };
    else if (!BARE.has(word) && !isJoined(word)) return { word: null, rest: line };
  }
  return { word: null, rest: line };
}

/** `--output=json`, `-ojson` */
function isJoined(word: string): boolean {
  const [name = ''] = word.split('=');
  return (word.includes('=') && WITH_VALUE.has(name)) || (!word.startsWith('--') && WITH_VALUE.has(word.slice(0, 2)));
}
