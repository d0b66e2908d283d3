import type { Command } from 'commander';
import { examples, type RegisterCommand } from '../command.js';
import { EXIT, EXIT_CODE_TABLE } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';

export const registerHelp: RegisterCommand = (program, act) => {
  const command = program.command('help').description('help for a command, or for the topic exit-codes').argument('[command|topic...]');
  examples(
    act(command, (cli, [words]) => {
      const path = (words ?? []) as readonly string[];
      if (path.length === 1 && path[0] === 'exit-codes') cli.result(EXIT_CODE_TABLE, () => cli.line(exitCodeText()));
      else find(program, path).outputHelp();
      return Promise.resolve(EXIT.ok);
    }),
    'tutti help run',
    'tutti help workflows register',
    'tutti help exit-codes',
  );
};

function exitCodeText(): string {
  return EXIT_CODE_TABLE.map(({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}`).join('\n');
}

function find(program: Command, path: readonly string[]): Command {
  let command = program;
  for (const word of path) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined)
      throw usageFailure(
        `there is no command "${path.join(' ')}"`,
        '`tutti help` lists the commands; `tutti help exit-codes` the exit codes',
      );
    command = next;
  }
  return command;
}
