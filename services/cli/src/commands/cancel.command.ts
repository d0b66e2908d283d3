import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';

interface CancelOptions {
  readonly reason?: string;
  readonly force?: boolean;
}

export const registerCancel: RegisterCommand = (program, act) => {
  const command = program
    .command('cancel')
    .description('end a run; what its steps know how to undo is undone first')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'recorded with it')
    .option('--force', 'end it at once and undo nothing');
  examples(act(command, cancel), 'tutti cancel 0198… --reason "wrong input"');
};

const cancel: Action<CancelOptions> = async (cli, [runId = ''], { reason, force }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.cancelRun(runId, reason, force);
  cli.result(answer.raw, () => cli.line(`cancelled ${runId}`));
  return EXIT.ok;
};
