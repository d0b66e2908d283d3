import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemRuntime } from '@tutti/client/http';
import { runProgram } from '../program.js';
import { createFakeEnvironment, type FakeEnvironment } from './fake-environment.js';
import { startFakeServer, type FakeServer, type SeenRequest } from './fake-server.js';

type Given = Parameters<typeof createFakeEnvironment>[0];
type Extra = Omit<Given, 'argv' | 'runtime' | 'cwd'> & Partial<Pick<Given, 'runtime'>>;

export interface ProgramHarness {
  readonly server: FakeServer;
  readonly cwd: string;
  /** Runs one command line in the folder; `during` gets hold of the environment while it runs. */
  tutti(
    line: readonly string[],
    extra?: Extra,
    during?: (environment: FakeEnvironment) => void,
  ): Promise<{ readonly exitCode: number; readonly out: string; readonly err: string; readonly environment: FakeEnvironment }>;
  lastRequest(path: string): SeenRequest | undefined;
  close(): Promise<void>;
}

/** The program in a folder whose `.tutti` names a server that runs: process 4242 of the fake environment. */
export async function startProgramHarness(): Promise<ProgramHarness> {
  const server = await startFakeServer();
  const cwd = await mkdtemp(join(tmpdir(), 'tutti-cli-program-'));
  await mkdir(join(cwd, '.tutti'));
  await writeFile(join(cwd, '.tutti', 'token'), 'secret-token\n');
  await writeFile(
    join(cwd, '.tutti', 'server.json'),
    JSON.stringify({ url: server.url, pid: 4242, startedAt: '2026-01-01T12:00:00.000Z', version: '9.9.9' }),
  );
  return {
    server,
    cwd,
    async tutti(line, extra = {}, during = () => {}) {
      const environment = createFakeEnvironment({ runtime: createSystemRuntime(), ...extra, argv: line, cwd });
      const running = runProgram(environment);
      during(environment);
      const exitCode = await running;
      return { exitCode, out: environment.stdout.text(), err: environment.stderr.text(), environment };
    },
    lastRequest: (path) => server.requests.filter((request) => request.path.startsWith(path)).at(-1),
    async close() {
      await server.close();
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

/** `GET /v1/runs/{id}` of a run that goes on, and of one that ended well. */
export const RUNNING = {
  workflow: 'demo',
  workflowVersion: 1,
  status: 'running',
  startedBy: 'user:ann',
  startedAt: '2026-01-01T12:00:00.000Z',
  steps: [{ id: 'plan' }, { id: 'write', needs: ['plan'] }],
};
export const SUCCEEDED = { ...RUNNING, status: 'succeeded', endedAt: '2026-01-01T12:00:12.400Z' };
