import { collect, defineCommand, wholeNumber, type Args } from '../../command.js';
import { mkdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Cli } from '../../cli.js';
import { DevSession } from '../../dev/dev-session.js';
import { projectFolders, startDevSystem } from '../../dev/dev-system.js';
import type { ReloadPrinter } from '../../dev/reload-report.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import type { Environment } from '../../environment.port.js';
import { localSettings } from '../../connection/local-settings.js';
import { requireServer } from '../../connection/locate-server.js';
import { sanitizeText } from '../../terminal/text-width.js';

interface DevOptions {
  readonly port?: number;
  readonly watch?: readonly string[];
}

export const devCommand = defineCommand<DevOptions>({
  name: 'dev',
  summary: 'run the whole system in this terminal, and take up workflows and agents as their files change, until Ctrl-C',
  flags: [
    { flags: '--port <n>', summary: 'port of the REST and WebSocket door (default: the configured one)', parse: wholeNumber(0, 65_535) },
    {
      flags: '--watch <folder>',
      summary: 'another folder whose change means that agents are loaded anew; repeatable',
      parse: collect,
      values: 'folder',
    },
  ],
  examples: ['tutti dev', 'tutti dev --watch ./src'],
  act: dev,
});

async function dev(cli: Cli, _args: Args, { port, watch = [] }: DevOptions): Promise<ExitCode> {
  const { environment } = cli;
  const { dataDir } = await localSettings(cli, 'dev');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const print = printerOf(cli);
  const folders = await projectFolders(environment);
  const system = await startDevSystem(environment, { dataDir, port, onLine: (line) => print.line(line) });
  if (!('child' in system)) return (system.code ?? EXIT.failed) as ExitCode;
  // The one that was started, whatever the profile's address is.
  const { api } = await cli.connectTo(await requireServer({ dataDir }, { ...environment, env: withoutAddress(environment.env) }));
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
}

/** What names another system, or a key for it. */
function withoutAddress({ TUTTI_ADDRESS: _address, TUTTI_API_KEY: _key, ...env }: Environment['env']): Environment['env'] {
  return env;
}

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
