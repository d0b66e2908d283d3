import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

interface StandaloneOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly demo?: boolean;
  readonly ask?: boolean;
}

/** Command line of the standalone process. @throws Failure NOT_RUNNING when it is not installed or not built */
export function standaloneCommand({ dataDir, port, demo, ask }: StandaloneOptions): readonly string[] {
  return [
    standaloneFile('main.js'),
    '--data-dir',
    dataDir,
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(demo === undefined ? [] : [demo ? '--demo' : '--no-demo']),
    ...(ask === true ? ['--ask'] : []),
  ];
}

/** A built file of the standalone package. @throws Failure NOT_RUNNING when it is not installed or not built */
export function standaloneFile(name: string): string {
  return builtFile('@tutti/standalone', name);
}

/** The program that hosts agents in a process of its own. @throws Failure NOT_RUNNING when it is not installed or not built */
export function agentWorkersFile(): string {
  return builtFile('@tutti/agent-workers', 'main.js');
}

function builtFile(packageName: string, name: string): string {
  let file: string;
  try {
    file = join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), 'dist', ...name.split('/'));
  } catch (error) {
    throw new Failure('NOT_RUNNING', `the package ${packageName}, which runs the system on this machine, is not installed`, {
      exitCode: EXIT.notRunning,
      hint: 'install it beside @tutti/cli, or name a running system with --url or TUTTI_ADDRESS',
      cause: error,
    });
  }
  if (!existsSync(file)) {
    throw new Failure('NOT_RUNNING', `${file} is not built`, {
      exitCode: EXIT.notRunning,
      hint: 'build the workspace: node scripts/build.mjs',
    });
  }
  return file;
}
