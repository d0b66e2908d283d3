import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../product/paths.js';

const IMAGES = 'deploy/stand-ins/images.env';
const COMPOSE = ['-f', 'docker-compose.yml', '-f', 'deploy/stand-ins/compose.yaml', '--env-file', IMAGES];

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface ContainerState {
  readonly Status: string;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}

/** Runs a program at the root and gives what it said; its end is not judged. */
export async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Said> {
  const child = spawn(command, [...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/** Runs a program at the root and gives its standard output; throws with all that it said when it fails. */
export async function said(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { code, out, err } = await run(command, args, env);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${err}${out}`);
  return out.trim();
}

/** A profile of docker-compose.yml on the images of deploy/stand-ins, as a project of its own with a port and volumes of its own. */
export class ComposeProject {
  private readonly args: readonly string[];

  /** @param variables as an operator's file has them. */
  constructor(
    name: string,
    profile: string,
    { folder, variables }: { folder: string; variables: Readonly<Record<string, string | number>> },
  ) {
    const file = join(folder, `${name}.env`);
    writeFileSync(
      file,
      Object.entries(variables)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
      { mode: 0o600 },
    );
    this.args = ['compose', ...COMPOSE, '--env-file', file, '-p', name, '--profile', profile];
  }

  /** Resolves when all are healthy. */
  async up(): Promise<void> {
    await said('docker', [...this.args, 'up', '--no-build', '--detach', '--wait', '--wait-timeout', '300']);
  }

  /** Asks all to end, in order. */
  async stop(): Promise<void> {
    await said('docker', [...this.args, 'stop']);
  }

  /** Takes away all that there is of it. */
  async down(): Promise<void> {
    await said('docker', [...this.args, 'down', '--volumes', '--timeout', '30']);
  }

  async services(): Promise<readonly string[]> {
    return (await said('docker', [...this.args, 'ps', '--all', '--services'])).split('\n').sort();
  }

  async state(service: string): Promise<ContainerState> {
    return JSON.parse(await said('docker', ['inspect', '--format', '{{json .State}}', await this.container(service)])) as ContainerState;
  }

  async restarts(service: string): Promise<number> {
    return Number(await said('docker', ['inspect', '--format', '{{.RestartCount}}', await this.container(service)]));
  }

  async health(service: string): Promise<string> {
    return said('docker', ['inspect', '--format', '{{.State.Health.Status}}', await this.container(service)]);
  }

  /** All that it has said since it was made, over its restarts. */
  async log(service: string): Promise<string> {
    const { out, err } = await run('docker', ['logs', await this.container(service)]);
    return `${out}${err}`;
  }

  /** A command in the container of a service, with its rights. */
  async inside(service: string, ...command: readonly string[]): Promise<Said> {
    return run('docker', ['exec', await this.container(service), ...command]);
  }

  /** Ends the process of a service as a crash does: Docker starts it again. */
  async crash(service: string): Promise<void> {
    const crash = `const { readdirSync, readFileSync } = require('node:fs');
      const ids = readdirSync('/proc').filter((id) => Number(id) > 1 && Number(id) !== process.pid);
      process.kill(Number(ids.find((id) => readFileSync('/proc/' + id + '/cmdline', 'utf8').includes('dist/main.js'))), 'SIGKILL');`;
    await run('docker', ['exec', await this.container(service), 'node', '-e', crash]);
  }

  private container(service: string): Promise<string> {
    return said('docker', [...this.args, 'ps', '--all', '--quiet', service]);
  }
}
