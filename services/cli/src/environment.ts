import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { createSystemRuntime, openWebSocket, userName } from '@tutti/client/http';
import type { Cancel, Runtime } from '@tutti/kernel';
import type { Environment, TextSink } from './environment.port.js';
import { EXIT } from './failure/exit-codes.js';
import { createInterrupts } from './terminal/interrupts.js';
import { createKeyboard } from './terminal/keyboard.js';
import { createProcesses } from './connection/processes.js';
import { createTransport } from './connection/transport.js';
import { createNodeFolderWatcher } from './dev/node-folder-watcher.js';

/** Set where the program runs inside another one, which owns the process's signals. */
interface Embedding {
  readonly argv: readonly string[];
  /** Calls back when the host is interrupted. */
  readonly onInterrupt: (callback: () => void) => Cancel;
}

/** The real world, the only place that touches the process's globals. */
export function createEnvironment(embedding?: Embedding): Environment {
  const runtime = createSystemRuntime();
  const interrupts = embedding === undefined ? ownInterrupts(runtime) : hostInterrupts(embedding);
  return {
    argv: embedding?.argv ?? process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    user: userName(),
    userId: process.getuid?.() ?? -1,
    home: homedir(),
    cliVersion: (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version,
    nodeVersion: process.versions.node,
    runtime,
    utcOffsetMinutes: (epochMs) => -new Date(epochMs).getTimezoneOffset(),
    stdout: createSink(process.stdout),
    stderr: createSink(process.stderr),
    keyboard: createKeyboard(process.stdin, process.stderr, () => interrupts.interrupt('SIGINT')),
    interrupts,
    processes: createProcesses(process),
    folderWatcher: createNodeFolderWatcher(),
    fetch: globalThis.fetch,
    openSocket: openWebSocket,
    transport: (tls) => createTransport(tls, process.env),
  };
}

function ownInterrupts(runtime: Runtime): ReturnType<typeof createInterrupts> {
  return createInterrupts({ signals: process, stdout: process.stdout, clock: runtime.clock, exit: () => process.exit(EXIT.interrupted) });
}

function hostInterrupts({ onInterrupt }: Embedding): ReturnType<typeof createInterrupts> {
  return {
    onInterrupt: (callback) => onInterrupt(() => callback('SIGINT')),
    interrupt: (signal) => void process.kill(process.pid, signal),
  };
}

function createSink(stream: NodeJS.WriteStream): TextSink {
  return {
    isTty: stream.isTTY === true,
    columns: () => stream.columns ?? 80,
    rows: () => stream.rows ?? 24,
    write: (text) => void stream.write(text),
    onResize(callback) {
      stream.on('resize', callback);
      return () => void stream.off('resize', callback);
    },
  };
}
