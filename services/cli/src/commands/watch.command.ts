import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { createLiveDisplay } from '../watching/live-display.js';
import { collectRun, printReport } from '../watching/report-run.js';
import { createEventStreamDisplay, createLineDisplay } from '../watching/run-display.js';
import { watchRun } from '../watching/watch-run.js';

interface WatchOptions {
  readonly out?: string;
}

export const registerWatch: RegisterCommand = (program, act) => {
  const command = program
    .command('watch')
    .description('watch a run from its beginning to its end; Ctrl-C stops watching, not the run')
    .argument('<run>', 'id of the run')
    .option('--out <dir>', 'write the documents among the outputs there when it ends');
  examples(act(command, watch), 'tutti watch 0198…', 'tutti watch 0198… --json | jq .type');
};

const watch: Action<WatchOptions> = async (cli, [runId = ''], options): Promise<ExitCode> => {
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
};
