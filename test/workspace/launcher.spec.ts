import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './tracked-files.js';

const program = 'test/workspace/child-processes/until-signal.mjs';

describe('the launcher behind the npm scripts', () => {
  let launcher: ChildProcess | undefined;
  afterEach(() => {
    launcher?.kill('SIGKILL');
    launcher = undefined;
  });

  it('runs the program with Node 24 or newer and hands its arguments on', async () => {
    const run = launch('--ask');
    expect(await run.says(/^ready/)).toMatch(/^ready v(?:2[4-9]|[3-9]\d)\.\S+ --ask$/);
  });

  it('hands a signal that arrives twice on once, waits for the program and ends with its exit code', async () => {
    const run = launch();
    await run.says(/^ready/);
    run.process.kill('SIGTERM');
    await run.says(/^SIGTERM/);
    run.process.kill('SIGTERM');
    expect(await run.exitCode).toBe(7);
    expect(run.lines().filter((line) => line.startsWith('SIGTERM'))).toEqual(['SIGTERM 1']);
  });

  it('leaves no program behind when it is killed itself', async () => {
    const run = launch();
    await run.says(/^ready/);
    run.process.kill('SIGKILL');
    expect(await run.says(/^launcher gone/)).toBe('launcher gone');
  });

  it('ends with an error that names the missing file when there is nothing to run', async () => {
    const missing = spawn(process.execPath, ['scripts/run.mjs', 'serve', 'services/none/dist/main.js'], { cwd: root });
    const errors = collect(missing);
    expect((await once(missing, 'exit'))[0]).toBe(1);
    expect(errors().join('\n')).toContain('services/none/dist/main.js does not exist');
  });

  function launch(...args: readonly string[]) {
    const child = spawn(process.execPath, ['scripts/run.mjs', 'serve', program, ...args], { cwd: root });
    launcher = child;
    const lines = collect(child);
    const exitCode = once(child, 'exit').then(([code]: readonly unknown[]) => code);
    const says = async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const line = lines().find((each) => pattern.test(each));
        if (line !== undefined) return line;
        await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
      }
    };
    return { process: child, lines, exitCode, says };
  }
});

describe('the check of the installed dependencies', () => {
  it('finds a missing, an incomplete and an outdated node_modules, and accepts a package of another platform that is not there', async () => {
    const { staleReason } = await launcherModule();
    const directory = await mkdtemp(join(tmpdir(), 'tutti-launcher-'));
    try {
      await writeLock(join(directory, 'package-lock.json'), { a: '1.0.0', b: '1.0.0' }, ['b']);
      expect(staleReason(directory)).toBe('node_modules is missing');
      await mkdir(join(directory, 'node_modules'));
      expect(staleReason(directory)).toBe('node_modules is incomplete');
      await writeLock(join(directory, 'node_modules/.package-lock.json'), { a: '0.9.0' }, []);
      expect(staleReason(directory)).toBe('a is not as locked');
      await writeLock(join(directory, 'node_modules/.package-lock.json'), { a: '1.0.0' }, []);
      expect(staleReason(directory)).toBeUndefined();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

async function launcherModule(): Promise<{ readonly staleReason: (directory: string) => string | undefined }> {
  const path: string = '../../scripts/launcher/install.mjs';
  return (await import(path)) as { readonly staleReason: (directory: string) => string | undefined };
}

async function writeLock(path: string, versions: Readonly<Record<string, string>>, optional: readonly string[]): Promise<void> {
  const entries = Object.entries(versions).map(([name, version]): [string, unknown] => [
    `node_modules/${name}`,
    { version, optional: optional.includes(name) },
  ]);
  await writeFile(path, JSON.stringify({ packages: { '': {}, ...Object.fromEntries(entries) } }));
}

function collect(child: ChildProcess): () => readonly string[] {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => (text += chunk));
  }
  return () => text.split('\n').filter((line) => line !== '');
}
