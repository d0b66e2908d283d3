import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';

interface ReasonOption {
  readonly reason?: string;
}

export const registerPause: RegisterCommand = (program, act) => {
  const command = program
    .command('pause')
    .description('hold a run: what is under way ends, nothing new begins')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'recorded with it');
  examples(act(command, pause), 'tutti pause 0198… --reason "the model is down"');
};

export const registerResume: RegisterCommand = (program, act) => {
  const command = program
    .command('resume')
    .description('let a paused run go on where it was')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'recorded with it');
  examples(act(command, resume), 'tutti resume 0198…');
};

const pause: Action<ReasonOption> = async (cli, [runId = ''], { reason }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.changeRun(runId, 'pause', reason);
  cli.result(answer.raw, () => cli.line(`paused ${runId}; let it go on with: tutti resume ${runId}`));
  return EXIT.ok;
};

const resume: Action<ReasonOption> = async (cli, [runId = ''], { reason }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.changeRun(runId, 'resume', reason);
  cli.result(answer.raw, () => cli.line(`resumed ${runId}`));
  return EXIT.ok;
};
