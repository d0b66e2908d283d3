import { defineCommand, wholeNumber, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { mkdir } from 'node:fs/promises';
import { standaloneCommand } from '../../connection/standalone-entry.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { localSettings } from '../../connection/local-settings.js';

interface UpOptions {
  readonly port?: number;
  readonly demo?: boolean;
  readonly ask?: boolean;
}

export const upCommand = defineCommand<UpOptions>({
  name: 'up',
  summary: 'run the whole system in this terminal until Ctrl-C',
  flags: [
    { flags: '--port <n>', summary: 'port of the REST and WebSocket door (default: the configured one)', parse: wholeNumber(0, 65_535) },
    { flags: '--demo', summary: 'run the demonstration' },
    { flags: '--no-demo', summary: 'run without the demonstration' },
    { flags: '--ask', summary: 'leave the demonstration’s approvals to you' },
  ],
  examples: ['tutti up', 'tutti up --data-dir ~/tutti --port 4800'],
  act: up,
});

async function up(cli: Cli, _args: Args, options: UpOptions): Promise<ExitCode> {
  const { dataDir } = await localSettings(cli, 'up');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const child = cli.environment.processes.spawnNode(standaloneCommand({ dataDir, ...options }), 'inherit');
  const stop = cli.environment.interrupts.onInterrupt((signal) => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  const { code, signal } = await child.exited;
  stop();
  // The child's own code: what it means is the child's to say.
  return (code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? EXIT.interrupted : EXIT.failed)) as ExitCode;
}
