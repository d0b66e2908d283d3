import { defineCommand, reasonFlag, runArgument, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';

interface ReasonOption {
  readonly reason?: string;
}

export const pauseRunCommand = defineCommand<ReasonOption>({
  name: 'pause',
  short: ['pause'],
  summary: 'hold a run: what is under way ends, nothing new begins',
  args: [runArgument],
  flags: [reasonFlag],
  names: 'the id of the run',
  examples: ['tutti run pause 0198… --reason "the model is down"'],
  act: pause,
});

export const resumeRunCommand = defineCommand<ReasonOption>({
  name: 'resume',
  short: ['resume'],
  summary: 'let a paused run go on where it was',
  args: [runArgument],
  flags: [reasonFlag],
  names: 'the id of the run',
  examples: ['tutti run resume 0198…'],
  act: resume,
});

async function pause(cli: Cli, [runId = '']: Args, { reason }: ReasonOption): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.changeRun(runId, 'pause', reason);
  cli.result(answer.raw, () => cli.line(`paused ${runId}; let it go on with: tutti resume ${runId}`), [runId]);
  return EXIT.ok;
}

async function resume(cli: Cli, [runId = '']: Args, { reason }: ReasonOption): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.changeRun(runId, 'resume', reason);
  cli.result(answer.raw, () => cli.line(`resumed ${runId}`), [runId]);
  return EXIT.ok;
}
