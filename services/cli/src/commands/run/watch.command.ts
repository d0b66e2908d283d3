import { defineCommand, runArgument, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { createLiveDisplay } from '../../watching/live-display.js';
import { collectRun, printReport } from '../../watching/report-run.js';
import { createEventStreamDisplay, createLineDisplay } from '../../watching/run-display.js';
import { watchRun } from '../../watching/watch-run.js';

interface WatchOptions {
  readonly out?: string;
}

export const watchRunCommand = defineCommand<WatchOptions>({
  name: 'watch',
  short: ['watch'],
  summary: 'watch a run from its beginning to its end; Ctrl-C stops watching, not the run',
  args: [runArgument],
  flags: [{ flags: '--out <dir>', summary: 'write the documents among the outputs there when it ends', values: 'folder' }],
  examples: ['tutti run watch 0198…', 'tutti run watch 0198… -o jsonl | jq .type'],
  act: watch,
});

async function watch(cli: Cli, [runId = '']: Args, options: WatchOptions): Promise<ExitCode> {
  const connected = await cli.connect();
  const interrupted = new AbortController();
  const stopInterrupts = cli.environment.interrupts.onInterrupt(() => interrupted.abort());
  try {
    const watched = await watchRun(connected, {
      runId,
      signal: interrupted.signal,
      display: (initial) => {
        if (cli.live) return createLiveDisplay(cli, initial, { answerWith: connected.api });
        return cli.format === 'table' ? createLineDisplay(cli, (line) => cli.line(line)) : createEventStreamDisplay(cli);
      },
    });
    if (!watched.ended) {
      cli.say(`no longer watching; the run goes on: tutti watch ${runId}`);
      return EXIT.interrupted;
    }
    const report = await collectRun(cli, connected, runId, { out: options.out, position: watched.position });
    if (cli.format === 'table') printReport(cli, report);
    return report.exitCode;
  } finally {
    stopInterrupts();
  }
}
