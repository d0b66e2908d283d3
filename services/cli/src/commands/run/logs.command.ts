import type { FeedEvent } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { collect, defineCommand, runArgument, type Args } from '../../command.js';
import { runEvents } from '../../events/read-events.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { isFailure } from '../../failure/failure.js';
import { sinceMs } from '../../input/since.js';
import { eventText, eventTime } from '../../run-view/event-line.js';

interface LogsOptions {
  readonly follow?: boolean;
  readonly step?: readonly string[];
  readonly since?: string;
}

export const logsOfRunCommand = defineCommand<LogsOptions>({
  name: 'logs',
  short: ['logs'],
  summary: 'tell what happened in a run, a line for each event',
  args: [runArgument],
  flags: [
    { flags: '-f, --follow', summary: 'go on until the run ends' },
    { flags: '--step <step>', summary: 'only what is about this step; repeatable', parse: collect },
    { flags: '--since <time>', summary: 'only what happened since then: like 10m, 2h, or 2026-07-01T12:00:00Z' },
  ],
  names: 'the ids of the events',
  examples: ['tutti run logs 0198…', 'tutti run logs 0198… -f --step review', 'tutti run logs 0198… --since 10m -o jsonl'],
  act: logs,
});

async function logs(cli: Cli, [runId = '']: Args, { follow, step, since }: LogsOptions): Promise<ExitCode> {
  const { environment } = cli;
  const fromMs = since === undefined ? Number.NEGATIVE_INFINITY : sinceMs('--since', since, cli.now());
  const isWanted = step === undefined ? () => true : aboutSteps(step);
  const connected = await cli.connect();
  const interrupted = new AbortController();
  const stopInterrupts = environment.interrupts.onInterrupt(() => interrupted.abort());
  try {
    for await (const event of runEvents(cli, connected, runId, { follow: follow === true }, interrupted.signal)) {
      // Every event is looked at, since later ones lean on it.
      if (!isWanted(event) || Date.parse(event.time) < fromMs) continue;
      cli.item(event, () => cli.line(`${cli.style.dim(eventTime(event, environment))} ${eventText(event)}`), event.id);
    }
  } catch (error) {
    if (!isFailure(error, 'INTERRUPTED')) throw error;
  } finally {
    stopInterrupts();
  }
  return interrupted.signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Whether an event is about one of the steps: by its step, by a task of it, or by an approval that it asked for before. */
function aboutSteps(steps: readonly string[]): (event: FeedEvent) => boolean {
  const approvals = new Set<unknown>();
  return ({ data }) => {
    const { step, task, steps: several, approvalId } = data;
    const ofTask = typeof task === 'string' ? task.replace(/\[.*$/, '') : undefined;
    const isAbout =
      steps.some((one) => one === step || one === ofTask || (Array.isArray(several) && several.includes(one))) || approvals.has(approvalId);
    if (isAbout && approvalId !== undefined) approvals.add(approvalId);
    return isAbout;
  };
}
