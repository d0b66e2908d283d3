import { collect, defineCommand, wholeNumber, type Args } from '../../command.js';
import type { Cli, Connected } from '../../cli.js';
import { locateServer } from '../../connection/locate-server.js';
import { startOwnSystem, type OwnSystem } from '../../connection/own-system.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { isFailure, usageFailure } from '../../failure/failure.js';
import { keyValues } from '../../input/key-values.js';
import { readRunInputs } from '../../input/run-inputs.js';
import type { StartRun } from '../../api/api.js';
import { createLiveDisplay } from '../../watching/live-display.js';
import { collectRun, printReport, reportJson } from '../../watching/report-run.js';
import { createLineDisplay } from '../../watching/run-display.js';
import { watchRun, type Watched } from '../../watching/watch-run.js';

interface RunOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly label?: readonly string[];
  readonly idempotencyKey?: string;
  readonly out?: string;
  readonly watch: boolean;
  readonly port?: number;
}

interface Watching {
  readonly own: boolean;
  readonly signal: AbortSignal;
}

export const startRunCommand = defineCommand<RunOptions>({
  name: 'start',
  summary: 'start a run and watch it to its end; brings the system up for itself when none is running',
  args: [{ name: '<workflow>', summary: 'name, or name@version', values: 'workflow' }],
  flags: [
    {
      flags: '-i, --input <key=value>',
      summary: 'an input: text, @file for a file’s text, or :json for any value; repeatable',
      parse: collect,
    },
    { flags: '--inputs <file>', summary: 'JSON or YAML file with all inputs', values: 'file' },
    { flags: '-l, --label <key=value>', summary: 'a label to find the run by; repeatable', parse: collect },
    { flags: '--idempotency-key <key>', summary: 'the same key with the same request starts one run only' },
    { flags: '--out <dir>', summary: 'write the documents among the outputs there', values: 'folder' },
    { flags: '--no-watch', summary: 'answer as soon as the run is recorded' },
    {
      flags: '--port <n>',
      summary: 'port of a system that is brought up for this run (default: a free one)',
      parse: wholeNumber(0, 65_535),
    },
  ],
  names: 'the id of the run',
  examples: [
    'tutti run start architecture-design --input prd=@requirements.md --out ./architecture',
    'tutti run start order-review@2 --input count=:3 --label team=blue --no-watch',
    'tutti run order-review --inputs inputs.yaml --json',
  ],
  act: run,
});

async function run(cli: Cli, [workflow = '']: Args, options: RunOptions): Promise<ExitCode> {
  const request = await readRequest(cli, workflow, options);
  const interrupted = new AbortController();
  const stopInterrupts = cli.environment.interrupts.onInterrupt(() => interrupted.abort());
  let own: OwnSystem | null = null;
  try {
    const settings = await cli.settings();
    const located = await locateServer(settings, cli.environment);
    if (located.kind === 'absent') {
      if (!options.watch) throw usageFailure('--no-watch needs a system that goes on running, and none is', 'start one with `tutti up`');
      cli.say(`${located.reason}; bringing a system up for this run`);
      own = await startOwnSystem(cli.environment, {
        connection: settings,
        dataDir: settings.dataDir,
        port: options.port,
        signal: interrupted.signal,
      });
      return await whileAlive(
        own,
        interrupted,
        startAndWatch(cli, await cli.connectTo(own.endpoint), request, options, { own: true, signal: interrupted.signal }),
      );
    }
    return await startAndWatch(cli, await cli.connectTo(located.endpoint), request, options, { own: false, signal: interrupted.signal });
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
    cli.result(started.raw, () => cli.line(runId), [runId]);
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
  cli.result(reportJson(report), () => printReport(cli, report), [runId]);
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
