import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';

interface CancelOptions {
  readonly reason?: string;
}

export const registerCancel: RegisterCommand = (program, act) => {
  const command = program
    .command('cancel')
    .description('end a run now; late results change nothing any more')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'recorded with it');
  examples(act(command, cancel), 'tutti cancel 0198… --reason "wrong input"');
};

const cancel: Action<CancelOptions> = async (cli, [runId = ''], { reason }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.changeRun(runId, 'cancel', reason);
  cli.result(answer.raw, () => cli.line(`cancelled ${runId}`));
  return EXIT.ok;
};
