import { InvalidArgumentError, type Command } from 'commander';
import type { Cli, GlobalOptions } from './cli.js';
import { createCli } from './cli.js';
import type { Environment } from './environment.port.js';
import type { ExitCode } from './failure/exit-codes.js';

/** What a command does: its arguments as given, absent optional ones undefined; its options together with the global ones. */
export type Action<Options> = (cli: Cli, args: readonly (string | undefined)[], options: Options) => Promise<ExitCode>;

/** Hooks an action to a command, and remembers what it ends with. */
export type Act = <Options extends object>(command: Command, action: Action<Options & GlobalOptions>) => Command;

/** Where commands are hung in. */
export type RegisterCommand = (program: Command, act: Act) => void;

export function createAct(environment: Environment, ended: (code: ExitCode) => void): Act {
  return <Options extends object>(command: Command, action: Action<Options & GlobalOptions>) =>
    command.action(async () => {
      // Commander's options are untyped; each command's own interface says what its flags give.
      const options = command.optsWithGlobals<Options & GlobalOptions>();
      ended(await action(createCli(environment, options), command.processedArgs as readonly (string | undefined)[], options));
    });
}

/** Examples under a command's help. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

/** Parser for options that are whole numbers. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** Parser for options that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
