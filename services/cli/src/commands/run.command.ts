import { collect, examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import type { Cli, Connected } from '../cli.js';
import { locateServer } from '../connection/locate-server.js';
import { startOwnSystem, type OwnSystem } from '../connection/own-system.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { isFailure, usageFailure } from '../failure/failure.js';
import { keyValues } from '../input/key-values.js';
import { readRunInputs } from '../input/run-inputs.js';
import type { StartRun } from '../api/api.js';
import { createLiveDisplay } from '../watching/live-display.js';
import { collectRun, printReport, reportJson } from '../watching/report-run.js';
import { createLineDisplay } from '../watching/run-display.js';
import { watchRun, type Watched } from '../watching/watch-run.js';

interface RunOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly label?: readonly string[];
  readonly idempotencyKey?: string;
  readonly out?: string;
  readonly watch: boolean;
  readonly port?: number;
}

export const registerRun: RegisterCommand = (program, act) => {
  const command = program
    .command('run')
    .description('start a run and watch it to its end; brings the system up for itself when none is running')
    .argument('<workflow>', 'name, or name@version')
    .option('-i, --input <key=value>', 'an input: text, @file for a file’s text, or :json for any value; repeatable', collect)
    .option('--inputs <file>', 'JSON or YAML file with all inputs')
    .option('-l, --label <key=value>', 'a label to find the run by; repeatable', collect)
    .option('--idempotency-key <key>', 'the same key with the same request starts one run only')
    .option('--out <dir>', 'write the documents among the outputs there')
    .option('--no-watch', 'answer as soon as the run is recorded')
    .option('--port <n>', 'port of a system that is brought up for this run (default: a free one)', wholeNumber(0, 65_535));
  examples(
    act(command, run),
    'tutti run architecture-design --input prd=@requirements.md --out ./architecture',
    'tutti run order-review@2 --input count=:3 --label team=blue --no-watch',
    'tutti run order-review --inputs inputs.yaml --json',
  );
};

const run: Action<RunOptions> = async (cli, [workflow = ''], options): Promise<ExitCode> => {
  const request = await readRequest(cli, workflow, options);
  const interrupted = new AbortController();
  const stopInterrupts = cli.environment.interrupts.onInterrupt(() => interrupted.abort());
  let own: OwnSystem | null = null;
  try {
    const located = await locateServer(cli.options, cli.environment);
    if (located.kind === 'absent') {
      if (!options.watch) throw usageFailure('--no-watch needs a system that goes on running, and none is', 'start one with `tutti up`');
      cli.say(`${located.reason}; bringing a system up for this run`);
      own = await startOwnSystem(cli.environment, {
        connection: cli.options,
        dataDir: cli.dataDir,
        port: options.port,
        signal: interrupted.signal,
      });
      return await whileAlive(
        own,
        interrupted,
        startAndWatch(cli, cli.connectTo(own.endpoint), request, options, { own: true, signal: interrupted.signal }),
      );
    }
    return await startAndWatch(cli, cli.connectTo(located.endpoint), request, options, { own: false, signal: interrupted.signal });
  } catch (error) {
    if (isFailure(error, 'INTERRUPTED')) return EXIT.interrupted;
    throw error;
  } finally {
    stopInterrupts();
    interrupted.abort();
    if (own !== null) {
      cli.say('taking the system down again');
      await own.stop();
    }
  }
};

interface Watching {
  readonly own: boolean;
  readonly signal: AbortSignal;
}

async function startAndWatch(
  cli: Cli,
  connected: Connected,
  request: StartRun,
  options: RunOptions,
  { own, signal }: Watching,
): Promise<ExitCode> {
  const started = await connected.api.startRun(request);
  const { runId, position, created } = started.value;
  if (!options.watch) {
    cli.result(started.raw, () => cli.line(runId));
    return EXIT.ok;
  }
  cli.say(created ? `run ${runId}` : `run ${runId} was started before with this idempotency key`);
  const watched = await watchRun(connected, {
    runId,
    minPosition: position,
    signal,
    display: (initial) => {
      if (cli.live) return createLiveDisplay(cli, initial, { answerWith: connected.api });
      return createLineDisplay(cli, cli.format === 'table' ? (line) => cli.line(line) : (line) => cli.say(line));
    },
  });
  if (!watched.ended) {
    cli.say(
      own
        ? `run ${runId} is recorded and goes on with the next \`tutti up\`; then: tutti watch ${runId}`
        : `no longer watching; the run goes on: tutti watch ${runId}`,
    );
    return EXIT.interrupted;
  }
  return finish(cli, connected, runId, watched, options);
}

async function finish(cli: Cli, connected: Connected, runId: string, { position }: Watched, options: RunOptions): Promise<ExitCode> {
  const report = await collectRun(cli, connected, runId, { out: options.out, position });
  cli.result(reportJson(report), () => printReport(cli, report));
  return report.exitCode;
}

async function readRequest(cli: Cli, workflow: string, options: RunOptions): Promise<StartRun> {
  if (!options.watch && options.out !== undefined)
    throw usageFailure(
      '--out needs the end of the run and does not go with --no-watch',
      'write them later with: tutti show <run> --out DIR',
    );
  const match = /^([^@]+)(?:@(\d{1,9}))?$/.exec(workflow);
  if (match === null) throw usageFailure(`"${workflow}" is neither name nor name@version`);
  const inputs = await readRunInputs({ pairs: options.input ?? [], file: options.inputs, cwd: cli.environment.cwd });
  return {
    workflow: match[1] ?? workflow,
    ...(match[2] === undefined ? {} : { workflowVersion: Number(match[2]) }),
    inputs,
    labels: Object.fromEntries(keyValues('--label', options.label ?? [])),
    // Always one, so that a request whose answer got lost can be sent again.
    idempotencyKey: options.idempotencyKey ?? cli.environment.runtime.ids.next(),
  };
}

/** The work's end, or the system's when it dies first; the work has let go of the terminal then. */
async function whileAlive(own: OwnSystem, stop: AbortController, work: Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await Promise.race([work, own.died]);
  } catch (error) {
    stop.abort();
    await work.catch(() => {});
    throw error;
  }
}
