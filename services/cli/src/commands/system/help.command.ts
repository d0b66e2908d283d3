import type { Cli } from '../../cli.js';
import { defineCommand, isNoun, type Args, type CommandDefinition, type CommandTable } from '../../command.js';
import { EXIT, EXIT_CODE_TABLE, type ExitCode } from '../../failure/exit-codes.js';
import { usageFailure } from '../../failure/failure.js';
import { reference } from '../../help/reference.js';
import { nounHelp, rootHelp } from '../../help/table-help.js';
import { commandHelp } from '../../line/parse-line.js';
import { resolveLine } from '../../line/resolve-line.js';

/** Help over the whole table, which it is itself part of. */
export function helpCommand(table: () => CommandTable): CommandDefinition {
  return defineCommand({
    name: 'help',
    summary: 'help for a noun or command, for the topic exit-codes, or the whole reference as Markdown',
    args: [{ name: '[words...]', summary: 'a noun, a noun and a verb, a command, exit-codes, or reference', values: 'command' }],
    examples: ['tutti help run', 'tutti help workflow register', 'tutti help exit-codes'],
    act: (cli, words) => Promise.resolve(help(table(), cli, words)),
  });
}

function help(table: CommandTable, cli: Cli, words: Args): ExitCode {
  const path = words.filter((word) => word !== undefined);
  const { stdout } = cli.environment;
  const page = { width: stdout.isTty ? stdout.columns() : 120, style: cli.style };
  const print = (lines: readonly string[]): void => lines.forEach((line) => cli.line(line));
  if (path.length === 0) print(rootHelp(table, page));
  else if (path.join(' ') === 'exit-codes')
    cli.list({ raw: EXIT_CODE_TABLE, items: EXIT_CODE_TABLE, rows: [], name: () => '', human: () => print(exitCodeLines()) });
  else if (path.join(' ') === 'reference') cli.line(reference(table).trimEnd());
  else {
    const found = resolveLine(table, path);
    const noun =
      path.length === 1 ? table.flatMap(({ entries }) => entries).find((entry) => isNoun(entry) && entry.name === path[0]) : undefined;
    if (noun !== undefined && isNoun(noun)) print(nounHelp(noun, page));
    else if (found.kind === 'command' && found.rest.length === 0)
      cli.line(commandHelp(found.noun, found.command, cli.environment).trimEnd());
    else
      throw usageFailure(
        `there is no command "${path.join(' ')}"`,
        found.kind === 'unknown' && found.meant[0] !== undefined
          ? `did you mean tutti help ${found.meant[0]}?`
          : '`tutti help` lists the commands; `tutti help exit-codes` the exit codes',
      );
  }
  return EXIT.ok;
}

function exitCodeLines(): readonly string[] {
  return EXIT_CODE_TABLE.map(({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}`);
}
