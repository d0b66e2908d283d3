import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Child, ChildExit, Processes } from '../environment.port.js';

export function createProcesses(self: NodeJS.Process): Processes {
  return {
    spawnNode(args, output) {
      const file = output === 'inherit' ? null : openSync(output.appendTo, 'a', 0o600);
      const stream = file ?? 'inherit';
      // A group of its own: Ctrl-C at the terminal must arrive once, by way of this process, since a second one means "now".
      // The channel carries nothing: its end tells the child that this process was killed without a word.
      const child = spawn(self.execPath, [...args], { detached: true, stdio: ['ignore', stream, stream, 'ipc'] });
      if (file !== null) closeSync(file);
      const lastResort = (): void => void child.kill('SIGKILL');
      self.on('exit', lastResort);
      const exited = new Promise<ChildExit>((resolve) => {
        child.once('exit', (code, signal) => resolve({ code, signal }));
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
