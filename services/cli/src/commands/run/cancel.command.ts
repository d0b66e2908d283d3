import { defineCommand, reasonFlag, runArgument, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';

interface CancelOptions {
  readonly reason?: string;
  readonly force?: boolean;
}

export const cancelRunCommand = defineCommand<CancelOptions>({
  name: 'cancel',
  short: ['cancel'],
  summary: 'end a run; what its steps know how to undo is undone first',
  args: [runArgument],
  flags: [reasonFlag, { flags: '--force', summary: 'end it at once and undo nothing' }],
  names: 'the id of the run',
  examples: ['tutti run cancel 0198… --reason "wrong input"'],
  act: cancel,
});

async function cancel(cli: Cli, [runId = '']: Args, { reason, force }: CancelOptions): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.cancelRun(runId, reason, force);
  cli.result(answer.raw, () => cli.line(`cancelled ${runId}`), [runId]);
  return EXIT.ok;
}
