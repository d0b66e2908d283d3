import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installProbe } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { root } from '../workspace/tracked-files.js';
import { consumers, isThere, OutsideProgram } from './outside-consumers.js';

const SETUP_MS = 240_000;
const LIMIT_MS = 60_000;
const run = promisify(execFile);

/** Packages of Python’s index, a client made by `protoc` from proto/, and nothing of Tutti. */
class OutsidePython {
  isMade = false;
  private python = '';
  private generated = '';

  async make(folder: string): Promise<void> {
    await run('python3', ['-m', 'venv', join(folder, 'venv')]);
    this.python = join(folder, 'venv/bin/python');
    this.generated = join(folder, 'generated');
    mkdirSync(this.generated);
    await run(this.python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(consumers, 'requirements.txt')]);
    const proto = join(root, 'proto');
    const files = readdirSync(proto, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.proto'));
    await run(this.python, [
      '-m',
      'grpc_tools.protoc',
      '-I',
      proto,
      `--python_out=${this.generated}`,
      `--grpc_python_out=${this.generated}`,
      ...files,
    ]);
    this.isMade = true;
  }

  run(program: string, ...args: readonly string[]): OutsideProgram {
    const env = { PATH: process.env['PATH'], TUTTI_GENERATED: this.generated, PYTHONDONTWRITEBYTECODE: '1' };
    return new OutsideProgram(this.python, [program, ...args], { cwd: consumers, env });
  }
}

describe('a gRPC client that another tool made, in Python', () => {
  const client = new OutsidePython();
  let system: Standalone;
  beforeAll(async () => {
    if (!(await isThere('python3', '--version'))) return;
    buildProduct();
    await client.make(temporaryFolder());
    const folder = temporaryFolder();
    system = await Standalone.start({ folder, config: { workers: installProbe(folder) } });
  }, SETUP_MS);
  afterAll(cleanUp);

  it(
    'starts a run through the gateway and follows it to its end',
    async () => {
      if (!client.isMade) return;
      const steps = { first: { capability: 'probe.echo', with: { name: '${{ inputs.name }}' } }, last: { needs: 'first', sleep: '200ms' } };
      const registered = await system.call('POST', '/v1/workflows', {
        body: { name: 'from-python', steps, outputs: { name: '${{ steps.first.output.name }}' } },
      });
      expect(registered).toMatchObject({ status: 201 });
      const { grpcUrl } = JSON.parse(readFileSync(join(system.dataDir, 'server.json'), 'utf8')) as { readonly grpcUrl: string };
      const program = client.run('follow_run.py', grpcUrl.replace('grpc://', ''), system.token, 'from-python', '{"name": "Ada"}');
      const code = await program.ended(LIMIT_MS);
      expect({ code, err: program.err }).toEqual({ code: 0, err: '' });

      const lines = program.out.trim().split('\n');
      const runId = /^started (\S+)$/.exec(lines[0] ?? '')?.[1];
      const { json } = await system.call('GET', `/v1/runs/${runId}`);
      expect(json['run']).toMatchObject({ id: runId, status: 'succeeded', outputs: { name: 'Ada' } });
      const seen = lines.slice(1, -1).map((line) => line.split(' '));
      expect(seen.map(([revision]) => Number(revision))).toEqual(seen.map((_, index) => index));
      const types = seen.map(([, type]) => type);
      expect(types).toEqual(expect.arrayContaining(['RunStarted', 'TaskScheduled', 'TaskSucceeded', 'TimerStarted']));
      expect([types[0], types.at(-1), lines.at(-1)]).toEqual(['RunStarted', 'RunSucceeded', '{"ended": "RunSucceeded"}']);
    },
    LIMIT_MS,
  );

  it(
    'is told why by the status, when it has no right to come in',
    async () => {
      if (!client.isMade) return;
      const { grpcUrl } = JSON.parse(readFileSync(join(system.dataDir, 'server.json'), 'utf8')) as { readonly grpcUrl: string };
      const program = client.run('follow_run.py', grpcUrl.replace('grpc://', ''), 'nobody', 'from-python');
      expect(await program.ended(LIMIT_MS)).toBe(1);
      expect(program.err).toContain('StatusCode.UNAUTHENTICATED');
    },
    LIMIT_MS,
  );
});
