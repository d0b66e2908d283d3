import { mkdir } from 'node:fs/promises';
import { examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import { standaloneCommand } from '../connection/standalone-entry.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';

interface UpOptions {
  readonly port?: number;
  readonly demo?: boolean;
  readonly ask?: boolean;
}

export const registerUp: RegisterCommand = (program, act) => {
  const command = program
    .command('up')
    .description('run the whole system in this terminal until Ctrl-C')
    .option('--port <n>', 'port of the REST and WebSocket door (default: the configured one)', wholeNumber(0, 65_535))
    .option('--demo', 'run the demonstration')
    .option('--no-demo', 'run without the demonstration')
    .option('--ask', 'leave the demonstration’s approvals to you');
  examples(act(command, up), 'tutti up', 'tutti up --data-dir ~/tutti --port 4800');
};

const up: Action<UpOptions> = async (cli, _args, options): Promise<ExitCode> => {
  if (cli.options.url !== undefined) throw usageFailure('up starts a system here and takes no --url', 'leave --url out, or use --port');
  await mkdir(cli.dataDir, { recursive: true, mode: 0o700 });
  const child = cli.environment.processes.spawnNode(standaloneCommand({ dataDir: cli.dataDir, ...options }), 'inherit');
  const stop = cli.environment.interrupts.onInterrupt((signal) => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  const { code, signal } = await child.exited;
  stop();
  // The child's own code: what it means is the child's to say.
  return (code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? EXIT.interrupted : EXIT.failed)) as ExitCode;
};
