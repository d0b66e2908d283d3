import { createCli } from './cli.js';
import { COMMAND_TABLE } from './command-table.js';
import { COMPLETE, complete } from './completion/complete.js';
import type { Environment } from './environment.port.js';
import { EXIT, type ExitCode } from './failure/exit-codes.js';
import { Failure, toFailure, usageFailure } from './failure/failure.js';
import { failureJson, renderFailure } from './failure/render-failure.js';
import { nounHelp, rootHelp } from './help/table-help.js';
import { checkFormat, parseLine } from './line/parse-line.js';
import { resolveLine, type ResolvedLine } from './line/resolve-line.js';
import { createStyle, wantsColor, type ColorChoice } from './terminal/style.js';

/** Runs one command line and answers the exit code. Never throws: what went wrong is on standard error by then. */
export async function runProgram(environment: Environment): Promise<ExitCode> {
  try {
    if (environment.argv[0] === COMPLETE) {
      await complete(COMMAND_TABLE, environment, environment.argv.slice(1));
      return EXIT.ok;
    }
    return await run(environment, resolveLine(COMMAND_TABLE, environment.argv));
  } catch (error) {
    return reportFailure(error, environment);
  }
}

async function run(environment: Environment, line: ResolvedLine): Promise<ExitCode> {
  if (line.kind === 'nothing') return withoutCommand(environment, line.rest);
  if (line.kind === 'noun') {
    for (const text of nounHelp(line.noun, pageOf(environment))) environment.stdout.write(`${text}\n`);
    return EXIT.ok;
  }
  if (line.kind === 'unknown') {
    const hint =
      line.meant.length === 0 ? '`tutti help` lists the commands' : `did you mean ${line.meant.map((one) => `tutti ${one}`).join(' or ')}?`;
    throw usageFailure(`unknown command "${line.word}"`, hint);
  }
  const { noun, command, rest, nearMiss } = line;
  const parsed = await parseLine(noun, command, rest, environment);
  if (parsed === null) return EXIT.ok;
  const cli = createCli(environment, parsed.options);
  checkFormat(cli, noun, command);
  try {
    return await command.act(cli, parsed.args, parsed.options);
  } catch (error) {
    throw nearMiss === null ? error : withNearMiss(toFailure(error), nearMiss);
  }
}

function withoutCommand(environment: Environment, rest: readonly string[]): ExitCode {
  if (rest.some((word) => word === '-V' || word === '--version')) {
    environment.stdout.write(`tutti ${environment.cliVersion}\n`);
    return EXIT.ok;
  }
  const isAsked = rest.some((word) => word === '-h' || word === '--help');
  const [odd] = rest.filter((word) => word.startsWith('-'));
  if (!isAsked && odd !== undefined) throw usageFailure('expected a command', '`tutti help` lists the commands');
  const sink = isAsked ? environment.stdout : environment.stderr;
  for (const text of rootHelp(COMMAND_TABLE, pageOf(environment))) sink.write(`${text}\n`);
  return isAsked ? EXIT.ok : EXIT.usage;
}

/** What was taken for a name may have been a verb with a typo. */
function withNearMiss(failure: Failure, nearMiss: string): Failure {
  if (failure.exitCode !== EXIT.notFound) return failure;
  return new Failure(failure.code, failure.message, {
    exitCode: failure.exitCode,
    cause: failure,
    hint: `did you mean tutti ${nearMiss}?`,
  });
}

function pageOf({ stdout, env }: Environment) {
  return { width: stdout.isTty ? stdout.columns() : 120, style: createStyle(wantsColor('auto', stdout.isTty, env)) };
}

function reportFailure(error: unknown, { argv, stderr, env }: Environment): ExitCode {
  const failure = toFailure(error);
  // The line may not be one that can be parsed.
  const line = ` ${argv.join(' ')} `;
  if (/ --json | (-o|--output)[ =]?jsonl? /.test(line)) {
    stderr.write(`${JSON.stringify(failureJson(failure))}\n`);
    return failure.exitCode;
  }
  const [, choice = 'auto'] = / --color[ =](always|never) /.exec(line) ?? [];
  const style = createStyle(wantsColor(choice as ColorChoice, stderr.isTty, env));
  const debug = (env['TUTTI_DEBUG'] ?? '') !== '' && env['TUTTI_DEBUG'] !== '0';
  for (const text of renderFailure(failure, style, { debug })) stderr.write(`${text}\n`);
  return failure.exitCode;
}
