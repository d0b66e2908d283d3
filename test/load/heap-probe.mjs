// Preloaded into the process under test, with --expose-gc: at SIGUSR2 it collects garbage and tells its parent what is left, in bytes.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('SIGUSR2', () => {
    globalThis.gc();
    globalThis.gc();
    process.send({ heapUsed: process.memoryUsage().heapUsed });
  });
}
