import { mkdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Cli } from '../cli.js';
import { collect, examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import { DevSession } from '../dev/dev-session.js';
import { projectFolders, startDevSystem } from '../dev/dev-system.js';
import type { ReloadPrinter } from '../dev/reload-report.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';
import { sanitizeText } from '../terminal/text-width.js';

interface DevOptions {
  readonly port?: number;
  readonly watch?: readonly string[];
}

export const registerDev: RegisterCommand = (program, act) => {
  const command = program
    .command('dev')
    .description('run the whole system in this terminal, and take up workflows and agents as their files change, until Ctrl-C')
    .option('--port <n>', 'port of the REST and WebSocket door (default: the configured one)', wholeNumber(0, 65_535))
    .option('--watch <folder>', 'another folder whose change means that agents are loaded anew; repeatable', collect);
  examples(act(command, dev), 'tutti dev', 'tutti dev --watch ./src');
};

const dev: Action<DevOptions> = async (cli, _args, { port, watch = [] }): Promise<ExitCode> => {
  if (cli.options.url !== undefined) throw usageFailure('dev starts a system here and takes no --url', 'leave --url out, or use --port');
  const { environment, dataDir } = cli;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const print = printerOf(cli);
  const folders = await projectFolders(environment);
  const system = await startDevSystem(environment, { dataDir, port, onLine: (line) => print.line(line) });
  if (!('child' in system)) return (system.code ?? EXIT.failed) as ExitCode;
  const { api } = await cli.connect();
  const session = new DevSession({
    environment,
    dataDir,
    workflowFolders: folders.workflowFolders,
    agentFolders: [...folders.agentFolders, ...watch.map((folder) => resolve(environment.cwd, folder))],
    api,
    print,
    style: cli.style,
  });
  let interrupts = 0;
  const stopInterrupts = environment.interrupts.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1) {
      session.kill();
      system.child.kill('SIGKILL');
    } else void session.stop().then(() => system.child.kill('SIGTERM'));
  });
  await session.start();
  cli.line(`${cli.style.bold(`ready ${system.url}`)}${cli.style.dim(`  ${watched(cli, session.folders)}`)}`);
  const { code, signal } = await system.child.exited;
  stopInterrupts();
  if (interrupts > 0) return EXIT.ok;
  print.line(`the system ended on its own (${signal ?? `exit code ${code}`})`);
  await session.stop();
  return EXIT.failed;
};

function watched(cli: Cli, folders: readonly string[]): string {
  if (folders.length === 0) return 'no folders to watch: name some in tutti.yaml as workflowFolders and workers.agentFolders';
  return `watching ${folders.map((folder) => relative(cli.environment.cwd, folder) || '.').join(', ')}`;
}

function printerOf(cli: Cli): ReloadPrinter {
  return {
    done: (text) => cli.line(`${cli.style.green('✓')} ${sanitizeText(text)}`),
    refused(text, lines) {
      cli.line(`${cli.style.red('✗')} ${sanitizeText(text)}`);
      for (const line of lines) cli.line(line.startsWith(' ') ? line : `  ${line}`);
    },
    line: (text) => cli.line(text),
  };
}
