import { openWebSocket } from '@tutti/client/http';
import type { Runtime } from '@tutti/kernel';
import type { Child, Environment, Processes, TextSink } from '../environment.port.js';

interface FakeTerminal extends TextSink {
  text(): string;
  resize(columns: number): void;
}

export interface FakeEnvironment extends Environment {
  readonly stdout: FakeTerminal;
  readonly stderr: FakeTerminal;
  interrupt(signal?: NodeJS.Signals): void;
  press(key: string): void;
  /** Number of listeners for keys; 0 means that the terminal is as before. */
  keyListeners(): number;
}

interface FakeOptions {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: string;
  readonly runtime: Runtime;
  /** Standard output and keyboard are a terminal of so many cells. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** What is answered to questions, in order. */
  readonly answers?: readonly string[];
  /** What stands in standard input. */
  readonly input?: string;
  /** The home folder; one that is not there by default. */
  readonly home?: string;
  readonly alive?: (pid: number) => boolean;
  readonly spawnNode?: (args: readonly string[]) => Child;
  readonly fetch?: typeof fetch;
}

/** An environment with captured streams, whose sockets are real. */
export function createFakeEnvironment(options: FakeOptions): FakeEnvironment {
  const interrupts = new Set<(signal: NodeJS.Signals) => void>();
  const keys = new Set<(key: string) => void>();
  const answers = [...(options.answers ?? [])];
  const isTty = options.terminal !== undefined;
  const processes: Processes = {
    spawnNode:
      options.spawnNode ??
      (() => {
        throw new Error('this test starts no process');
      }),
    isAlive: options.alive ?? (() => true),
  };
  return {
    argv: options.argv ?? [],
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    user: options.user ?? 'ann',
    userId: process.getuid?.() ?? -1,
    home: options.home ?? '/nowhere',
    cliVersion: '0.1.0',
    nodeVersion: '24.0.0',
    runtime: options.runtime,
    utcOffsetMinutes: () => 0,
    stdout: fakeTerminal(options.terminal),
    stderr: fakeTerminal(undefined),
    keyboard: {
      isTty,
      onKey(callback) {
        keys.add(callback);
        return () => keys.delete(callback);
      },
      ask: () => Promise.resolve(answers.shift() ?? null),
      askSecret: () => Promise.resolve(answers.shift() ?? null),
      readAll: () => Promise.resolve(options.input ?? ''),
    },
    interrupts: {
      onInterrupt(callback) {
        interrupts.add(callback);
        return () => interrupts.delete(callback);
      },
    },
    processes,
    folderWatcher: { watch: () => () => {} },
    fetch: options.fetch ?? globalThis.fetch,
    openSocket: openWebSocket,
    transport: () => Promise.resolve({ fetch: options.fetch ?? globalThis.fetch, openSocket: openWebSocket }),
    interrupt: (signal = 'SIGINT') => [...interrupts].forEach((callback) => callback(signal)),
    press: (key) => [...keys].forEach((callback) => callback(key)),
    keyListeners: () => keys.size,
  };
}

function fakeTerminal(size: { readonly columns: number; readonly rows: number } | undefined): FakeTerminal {
  const written: string[] = [];
  const resized = new Set<() => void>();
  let columns = size?.columns ?? 80;
  return {
    isTty: size !== undefined,
    columns: () => columns,
    rows: () => size?.rows ?? 24,
    write: (text) => void written.push(text),
    onResize(callback) {
      resized.add(callback);
      return () => resized.delete(callback);
    },
    text: () => written.join(''),
    resize(to) {
      columns = to;
      for (const callback of resized) callback();
    },
  };
}
