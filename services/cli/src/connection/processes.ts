import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Child, ChildExit, Processes } from '../environment.port.js';

export function createProcesses(self: NodeJS.Process): Processes {
  return {
    spawnNode(args, output, env = {}) {
      const file = typeof output === 'object' && 'appendTo' in output ? openSync(output.appendTo, 'a', 0o600) : null;
      const stream = file ?? (output === 'inherit' ? 'inherit' : 'pipe');
      // A group of its own: Ctrl-C at the terminal must arrive once, by way of this process, since a second one means "now".
      // The channel carries nothing: its end tells the child that this process was killed without a word.
      const child = spawn(self.execPath, [...args], {
        detached: true,
        stdio: ['ignore', stream, stream, 'ipc'],
        env: { ...self.env, ...env },
      });
      if (file !== null) closeSync(file);
      if (typeof output === 'object' && 'onLine' in output) hearLines(child, output.onLine);
      const lastResort = (): void => void child.kill('SIGKILL');
      self.on('exit', lastResort);
      const exited = new Promise<ChildExit>((resolve) => {
        // Where its lines are wanted, after the last one.
        child.once(stream === 'pipe' ? 'close' : 'exit', (code: number | null, signal: NodeJS.Signals | null) => resolve({ code, signal }));
        child.once('error', () => resolve({ code: 127, signal: null }));
      });
      void exited.then(() => self.off('exit', lastResort));
      return { pid: child.pid ?? -1, exited, kill: (signal) => void child.kill(signal) } satisfies Child;
    },
    isAlive(pid) {
      try {
        self.kill(pid, 0);
        return true;
      } catch (error) {
        // Not ours to signal, but there.
        return (error as NodeJS.ErrnoException).code === 'EPERM';
      }
    },
  };
}

function hearLines({ stdout, stderr }: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [stdout, stderr]) if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}
