import { InvalidArgumentError } from 'commander';
import type { Cli } from './cli.js';
import type { GlobalOptions } from './global-options.js';
import type { ExitCode } from './failure/exit-codes.js';

/** As given, a repeated one spread out; absent optional ones are undefined. */
export type Args = readonly (string | undefined)[];

/** What a command does, with its own flags and the global ones. */
export type Action<Options> = (cli: Cli, args: Args, options: Options) => Promise<ExitCode>;

/** What stands in a place of the command line, for the shell to complete. Things of the server are asked for there; files are the shell's own. */
export type ValueSource =
  'run' | 'workflow' | 'agent' | 'approval' | 'schedule' | 'dead-letter' | 'key' | 'profile' | 'command' | 'column' | 'file' | 'folder';

export interface Argument {
  /** As it stands in the usage: `<run>`, `[task]`, `<step...>`. */
  readonly name: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly values?: ValueSource;
}

export interface Flag {
  /** As it stands in the help: `-l, --label <key=value>`. */
  readonly flags: string;
  readonly summary: string;
  /** Makes the value of the text, with what the flag gave before when it is given again. */
  readonly parse?: (text: string, before: never) => unknown;
  readonly choices?: readonly string[];
  readonly default?: string | number;
  readonly required?: true;
  readonly values?: ValueSource;
}

interface CommandShape<Options extends object> {
  /** The verb of its noun, or the command's own name. */
  readonly name: string;
  /** Other words for the name. */
  readonly aliases?: readonly string[];
  /** Whole lines that mean the same, and go without the noun: `approve` for `approval approve`. */
  readonly short?: readonly string[];
  readonly summary: string;
  readonly args?: readonly Argument[];
  readonly flags?: readonly Flag[];
  /** What `-o name` prints, like "ids of the runs"; without it the command refuses that format. */
  readonly names?: string;
  readonly examples: readonly string[];
  readonly act: Action<Options & GlobalOptions>;
}

/**
 * One command, said once: parsing, help, completion and the reference in docs/cli.md are made of it.
 */
export type CommandDefinition = CommandShape<object>;

/** What commands are about: `tutti <noun> <verb>`. */
export interface Noun {
  readonly name: string;
  readonly plural: string;
  readonly summary: string;
  /** The verb that is meant where none is said, behind the singular and behind the plural. */
  readonly verb: string;
  readonly pluralVerb: string;
  readonly commands: readonly CommandDefinition[];
}

export interface Section {
  readonly title: string;
  readonly entries: readonly (Noun | CommandDefinition)[];
}

/** Every command, in the order of the help. */
export type CommandTable = readonly Section[];

export function isNoun(entry: Noun | CommandDefinition): entry is Noun {
  return 'commands' in entry;
}

/** Binds the flags of a command to the options that its action takes. Commander's values are untyped: each command's own interface says what its flags give. */
export function defineCommand<Options extends object = object>(command: CommandShape<Options>): CommandDefinition {
  return { ...command, act: command.act as Action<object> };
}

/** Parser for flags that are whole numbers. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** Parser for flags that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

export const reasonFlag: Flag = { flags: '--reason <text>', summary: 'recorded with it' };
export const runArgument: Argument = { name: '<run>', summary: 'id of the run', values: 'run' };
