import { Command, CommanderError, Option } from 'commander';
import { createAct, type RegisterCommand } from './command.js';
import { registerAgents } from './commands/agents.command.js';
import { registerAttempts } from './commands/attempts.command.js';
import { registerApprovals, registerDelegate } from './commands/approvals.command.js';
import { registerApprove } from './commands/approve.command.js';
import { registerBackup, registerRestore } from './commands/backup.command.js';
import { registerCancel } from './commands/cancel.command.js';
import { registerDeadLetters } from './commands/dead-letters.command.js';
import { registerDev } from './commands/dev.command.js';
import { registerDoctor } from './commands/doctor.command.js';
import { registerEvents } from './commands/events.command.js';
import { registerHelp } from './commands/help.command.js';
import { registerMigrate } from './commands/migrate.command.js';
import { registerNew } from './commands/new.command.js';
import { registerNotifications } from './commands/notifications.command.js';
import { registerPause, registerResume } from './commands/pause.command.js';
import { registerReset, registerRetry, registerSkip } from './commands/repair.command.js';
import { registerRun } from './commands/run.command.js';
import { registerRuns } from './commands/runs.command.js';
import { registerSchedule } from './commands/schedule.command.js';
import { registerQuery } from './commands/query.command.js';
import { registerSet } from './commands/set.command.js';
import { registerSignal } from './commands/signal.command.js';
import { registerServices } from './commands/services.command.js';
import { registerShow } from './commands/show.command.js';
import { registerUp } from './commands/up.command.js';
import { registerVersion } from './commands/version.command.js';
import { registerWatch } from './commands/watch.command.js';
import { registerWhy } from './commands/why.command.js';
import { registerWorkflows } from './commands/workflows.command.js';
import type { Environment } from './environment.port.js';
import { EXIT, type ExitCode } from './failure/exit-codes.js';
import { toFailure } from './failure/failure.js';
import { failureJson, renderFailure } from './failure/render-failure.js';
import { OUTPUT_FORMATS } from './output/output-format.js';
import { createStyle, wantsColor, type ColorChoice } from './terminal/style.js';

/** In the order of the help. */
const COMMANDS: readonly RegisterCommand[] = [
  registerNew,
  registerDev,
  registerUp,
  registerRun,
  registerWatch,
  registerRuns,
  registerShow,
  registerEvents,
  registerApprove,
  registerApprovals,
  registerDelegate,
  registerPause,
  registerResume,
  registerCancel,
  registerSignal,
  registerQuery,
  registerSet,
  registerMigrate,
  registerRetry,
  registerReset,
  registerSkip,
  registerWhy,
  registerAttempts,
  registerWorkflows,
  registerSchedule,
  registerAgents,
  registerServices,
  registerDeadLetters,
  registerNotifications,
  registerDoctor,
  registerBackup,
  registerRestore,
  registerVersion,
  registerHelp,
];

/** Runs one command line and answers the exit code. Never throws: what went wrong is on standard error by then. */
export async function runProgram(environment: Environment): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(environment, (code) => (exitCode = code));
  try {
    await program.parseAsync([...environment.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportFailure(program, error, environment);
  }
}

function createProgram(environment: Environment, ended: (code: ExitCode) => void): Command {
  const { stdout, stderr, cliVersion } = environment;
  const program = new Command('tutti')
    .description('Runs teams of AI agents as durable workflows')
    .version(`tutti ${cliVersion}`, '-V, --version', 'print the version of this program')
    .option('--url <url>', 'address of the system (TUTTI_ADDRESS); default: the one that runs in the data folder')
    .option('--token <token>', 'access token (TUTTI_API_KEY); default: the data folder’s')
    .option('--data-dir <dir>', 'data folder (TUTTI_DATA_DIR); default: ./.tutti')
    .addOption(new Option('-o, --output <format>', 'how results are printed').choices(OUTPUT_FORMATS))
    .option('--json', 'the same as -o json')
    .addOption(new Option('--color <when>', 'colours; also NO_COLOR and FORCE_COLOR').choices(['auto', 'always', 'never']))
    .option('--wide', 'all columns, nothing cut off')
    .helpCommand(false)
    .showHelpAfterError('(tutti help shows the commands)')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => (stdout.isTty ? stdout.columns() : 120),
      getErrHelpWidth: () => (stderr.isTty ? stderr.columns() : 120),
    })
    .exitOverride();
  const act = createAct(environment, ended);
  for (const register of COMMANDS) register(program, act);
  return program;
}

function reportFailure(program: Command, error: unknown, { stderr, env }: Environment): ExitCode {
  const failure = toFailure(error);
  const { output, json, color } = program.opts<{ readonly output?: string; readonly json?: boolean; readonly color?: ColorChoice }>();
  if (json === true || output === 'json') {
    stderr.write(`${JSON.stringify(failureJson(failure))}\n`);
    return failure.exitCode;
  }
  const style = createStyle(wantsColor(color ?? 'auto', stderr.isTty, env));
  const debug = (env['TUTTI_DEBUG'] ?? '') !== '' && env['TUTTI_DEBUG'] !== '0';
  for (const line of renderFailure(failure, style, { debug })) stderr.write(`${line}\n`);
  return failure.exitCode;
}
