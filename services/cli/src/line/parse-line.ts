import { Argument as CommanderArgument, Command, CommanderError, Option } from 'commander';
import type { Cli } from '../cli.js';
import type { GlobalOptions } from '../global-options.js';
import type { CommandDefinition, Flag, Noun } from '../command.js';
import type { Environment } from '../environment.port.js';
import { usageFailure } from '../failure/failure.js';
import { GLOBAL_FLAGS } from '../global-flags.js';
import { pathOf } from './resolve-line.js';

export interface ParsedLine {
  readonly args: readonly (string | undefined)[];
  readonly options: GlobalOptions;
}

/**
 * A command's arguments and flags. Null when the line asked for help, which is on standard output then.
 *
 * @throws Failure USAGE
 */
export async function parseLine(
  noun: Noun | null,
  command: CommandDefinition,
  rest: readonly string[],
  environment: Environment,
): Promise<ParsedLine | null> {
  const { program, leaf } = commanderOf(noun, command, environment);
  let parsed: ParsedLine | null = null;
  leaf.action(() => {
    parsed = { args: (leaf.processedArgs as unknown[]).flat() as (string | undefined)[], options: leaf.optsWithGlobals<GlobalOptions>() };
  });
  try {
    await program.parseAsync([leaf.name(), ...rest], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    const [message = '', guess] = error.message.replace(/^error: /, '').split('\n');
    throw usageFailure(message, guess === undefined ? `see: tutti ${leaf.name()} --help` : `${guess.replace(/^\(|\)$/g, '')}`);
  }
  return parsed;
}

/** Help of one command, as text of so many cells a line. */
export function commandHelp(noun: Noun | null, command: CommandDefinition, environment: Environment): string {
  return commanderOf(noun, command, environment).leaf.helpInformation() + belowHelp(noun, command);
}

/** What is said under a command's flags. */
function belowHelp(noun: Noun | null, { examples, short = [], names }: CommandDefinition): string {
  const lines = [`\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}\n`];
  if (short.length > 0) lines.push(`\nShort: ${short.map((line) => `tutti ${line}`).join(', ')}\n`);
  if (names !== undefined) lines.push(`\n-o name prints ${names}.\n`);
  if (noun !== null) lines.push(`\ntutti ${noun.name} --help shows what else there is of ${noun.plural}.\n`);
  return lines.join('');
}

function commanderOf(
  noun: Noun | null,
  command: CommandDefinition,
  { stdout }: Environment,
): { readonly program: Command; readonly leaf: Command } {
  const program = new Command('tutti');
  for (const flag of GLOBAL_FLAGS) program.addOption(optionOf(flag));
  const leaf = new Command(pathOf(noun, command)).description(command.summary);
  for (const { name, summary, choices } of command.args ?? []) {
    const argument = new CommanderArgument(name, summary);
    leaf.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const flag of command.flags ?? []) leaf.addOption(optionOf(flag));
  leaf.addHelpText('after', () => belowHelp(noun, command).trimEnd());
  for (const one of [program, leaf])
    one
      .helpCommand(false)
      .exitOverride()
      .showSuggestionAfterError()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({
        writeOut: (text) => stdout.write(text),
        writeErr: () => {},
        getOutHelpWidth: () => (stdout.isTty ? stdout.columns() : 120),
      });
  program.addCommand(leaf);
  return { program, leaf };
}

function optionOf({ flags, summary, parse, choices, default: fallback, required }: Flag): Option {
  const option = new Option(flags, summary);
  if (choices !== undefined) option.choices([...choices]);
  if (parse !== undefined) option.argParser(parse as (text: string, before: unknown) => unknown);
  if (fallback !== undefined) option.default(fallback);
  return option.makeOptionMandatory(required === true);
}

/** @throws Failure USAGE for a format that the command does not have */
export function checkFormat({ format }: Pick<Cli, 'format'>, noun: Noun | null, command: CommandDefinition): void {
  if (format === 'name' && command.names === undefined)
    throw usageFailure(`tutti ${pathOf(noun, command)} has no names to print`, 'use -o json, -o yaml or -o jsonl');
}
