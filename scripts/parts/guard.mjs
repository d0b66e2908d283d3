import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./watchdog.mjs', import.meta.url));

/** A {@link file://./watchdog.mjs} of this process: what is given to it ends, and is removed, at the latest with this process. */
export function openGuard() {
  const watchdog = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watchdog.unref();
  watchdog.stdin.unref?.();
  // Without it everything still ends in order; only a sudden end would leave something.
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  const tell = (line) => watchdog.stdin.write(`${line}\n`);
  return {
    watch: (pid) => tell(`+${pid}`),
    release: (pid) => tell(`-${pid}`),
    removeAtTheEnd: (folder) => tell(`d${folder}`),
    /** Resolves when the folders are gone. */
    async close() {
      const ended = new Promise((resolve) => {
        watchdog.once('exit', resolve);
        watchdog.once('error', resolve);
      });
      watchdog.ref();
      watchdog.stdin.end();
      if (watchdog.exitCode === null && watchdog.pid !== undefined) await ended;
    },
  };
}
