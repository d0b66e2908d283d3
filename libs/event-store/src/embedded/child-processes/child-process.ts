import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface TestProcess {
  readonly pid: number;
  /** Lines printed so far; the last one may still be growing and is left out. */
  readonly lines: () => string[];
  /** Waits for so many lines. */
  readonly prints: (count: number) => Promise<void>;
  /** Ends it with SIGKILL and waits until it is gone. */
  readonly kill: () => Promise<void>;
}

/** Runs one of the programs beside this file. */
export function startTestProcess(program: string, argument: string): TestProcess {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const flags = [
    '--experimental-transform-types',
    '--no-warnings',
    '--conditions=@tutti/source',
    '--import',
    path('typescript-sources.mjs'),
  ];
  const child: ChildProcess = spawn(process.execPath, [...flags, path(`${program}.ts`), argument], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  let progress: (() => void) | null = null;
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    progress?.();
  });
  const closed = once(child, 'close').then(() => progress?.());
  const lines = () => output.split('\n').slice(0, -1);
  return {
    pid: child.pid ?? -1,
    lines,
    prints: async (count) => {
      while (lines().length < count) {
        if (child.exitCode !== null) throw new Error(`${program} ended after ${lines().length} of ${count} lines`);
        await new Promise<void>((resolve) => (progress = resolve));
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
