// Ends the processes of whoever started it once that one is gone, however it went: it holds the other end of a pipe.
// Lines on its input: `+<pid>` a process to end, `-<pid>` one that is none any more, `d<folder>` a folder to remove at the end.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { startOf } from './process-start.mjs';

const processes = new Map();
const folders = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const what = line.slice(1);
  if (line.startsWith('+')) processes.set(Number(what), startOf(Number(what)));
  else if (line.startsWith('-')) processes.delete(Number(what));
  else if (line.startsWith('d')) folders.add(what);
}

for (const [pid, start] of processes) {
  // Its number may belong to somebody else by now.
  if (start === undefined || startOf(pid) !== start) continue;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone.
  }
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
