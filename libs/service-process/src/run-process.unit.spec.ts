import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { runProcess, type ServedProcess } from './run-process.js';

/** As much of Node's process as a program sees. */
class FakeHost extends EventEmitter {
  readonly env = { TUTTI_DATA_DIR: 'from-environment' };
  readonly pid = 4_711;
  readonly connected = undefined as unknown as boolean;
  out = '';
  err = '';
  readonly exits: number[] = [];
  readonly stdout = { write: (text: string) => ((this.out += text), true) };
  readonly stderr = { write: (text: string) => ((this.err += text), true) };

  constructor(readonly args: readonly string[]) {
    super();
  }

  get argv(): string[] {
    return ['node', 'main.js', ...this.args];
  }

  cwd(): string {
    return '/here';
  }

  loadEnvFile(): void {
    throw Object.assign(new Error('no .env'), { code: 'ENOENT' });
  }

  exit(code: number): never {
    this.exits.push(code);
    return undefined as never;
  }
}

describe('the main of a service', () => {
  let last: FakeHost;
  let flags: unknown;
  let stops: number;
  let start: ServedProcess['start'];
  beforeEach(() => {
    flags = undefined;
    stops = 0;
    start = () => Promise.resolve(['ready here', 'page there']);
  });

  const run = async (...args: readonly string[]): Promise<FakeHost> => {
    const host = new FakeHost(args);
    last = host;
    await runProcess(host as unknown as NodeJS.Process, {
      name: 'gateway',
      usage: 'Usage: so and so',
      options: { 'data-dir': 'TUTTI_DATA_DIR', port: 'TUTTI_GATEWAY__PORT' },
      create: async (_, given) => {
        flags = given;
        return { start: () => start(), stop: async () => void (stops += 1) };
      },
    });
    return host;
  };

  it('hands its options on as settings, prints what the start says, and stops at the first signal', async () => {
    const host = await run('--port', '0');
    expect(flags).toEqual({ TUTTI_DATA_DIR: undefined, TUTTI_GATEWAY__PORT: '0' });
    expect(host.out).toBe('ready here\npage there\n');
    host.emit('SIGTERM');
    await new Promise(setImmediate);
    expect([stops, host.exits]).toEqual([1, [0]]);
  });

  it('says how it is used, and starts nothing then', async () => {
    expect((await run('--help')).out).toBe('Usage: so and so\n');
    expect(flags).toBeUndefined();
  });

  it('refuses an option that it does not have', async () => {
    const { err, exits } = await run('--prot', '1');
    expect(err).toMatch(/^tutti gateway cannot start: Unknown option '--prot'.*Usage: so and so \(INVALID_CONFIG\)\n$/s);
    expect([exits, flags]).toEqual([[1], undefined]);
  });

  it('says why it cannot start', async () => {
    start = () => Promise.reject(new TuttiError('STORE_LOCKED', 'process 1 has it'));
    const { err, exits } = await run();
    expect([err, exits]).toEqual(['tutti gateway cannot start: process 1 has it (STORE_LOCKED)\n', [1]]);
  });

  it('that is told to stop while it waits is no failed start', async () => {
    let breakOff = (): void => undefined;
    start = () => new Promise((_, reject) => (breakOff = () => reject(new TuttiError('SHUTTING_DOWN', 'stopped before'))));
    const running = run();
    await new Promise(setImmediate);
    last.emit('SIGINT');
    breakOff();
    const { err, exits } = await running;
    expect([err, exits, stops]).toEqual(['', [0], 1]);
  });
});
