import type { OpenSocket } from '@tutti/client/http';
import type { Cancel, Runtime } from '@tutti/kernel';
import type { TlsSettings, Transport } from './connection/transport.js';
import type { FolderWatcher } from './dev/folder-watcher.port.js';

/** A stream that text goes out to. */
export interface TextSink {
  readonly isTty: boolean;
  /** Cells of a row; 80 when nobody knows. */
  columns(): number;
  /** Rows of the screen; 24 when nobody knows. */
  rows(): number;
  write(text: string): void;
  onResize(callback: () => void): Cancel;
}

export interface Keyboard {
  readonly isTty: boolean;
  /** Single keys without Enter for as long as anybody listens. Ctrl-C does not arrive here: it is an interrupt. */
  onKey(callback: (key: string) => void): Cancel;
  /** One line, asked for with a question on standard error; null when the input ended. */
  ask(question: string): Promise<string | null>;
  /** The same, with nothing shown of what is typed. */
  askSecret(question: string): Promise<string | null>;
  /** All of standard input up to its end, where it is no terminal. */
  readAll(): Promise<string>;
}

export interface Interrupts {
  /**
   * SIGINT, SIGTERM, SIGHUP, Ctrl-C in raw mode, or the reader of standard output going away. Signals that arrive within half a second are
   * one: a terminal sends Ctrl-C to a whole group, and a parent may forward it too.
   */
  onInterrupt(callback: (signal: NodeJS.Signals) => void): Cancel;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** Settles once, also when the program could not be started. */
  readonly exited: Promise<ChildExit>;
  kill(signal: NodeJS.Signals): void;
}

/** Where a child's two streams go: to the terminal, to the end of a file, or line by line to a function. */
export type ChildOutput = 'inherit' | { readonly appendTo: string } | { readonly onLine: (line: string) => void };

export interface Processes {
  /**
   * Runs a Node program in a process group of its own, so that signals reach it only from here. When this process exits while the child
   * lives, the child is killed.
   *
   * @param env besides the environment of this process, and over it
   */
  spawnNode(args: readonly string[], output: ChildOutput, env?: Readonly<Record<string, string>>): Child;
  isAlive(pid: number): boolean;
}

/** The world around the program. Only `environment.ts` makes a real one. */
export interface Environment {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Name of the user at the operating system. */
  readonly user: string;
  /** Its number there; -1 where there are none. */
  readonly userId: number;
  /** Its home folder. */
  readonly home: string;
  readonly cliVersion: string;
  readonly nodeVersion: string;
  readonly runtime: Runtime;
  /** Minutes that local time is ahead of UTC at that moment. */
  readonly utcOffsetMinutes: (epochMs: number) => number;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly keyboard: Keyboard;
  readonly interrupts: Interrupts;
  readonly processes: Processes;
  readonly folderWatcher: FolderWatcher;
  /** For systems of this machine. */
  readonly fetch: typeof fetch;
  readonly openSocket: OpenSocket;
  /** For the system that is meant, wherever it is. @throws Failure FILE_UNREADABLE for a certificate */
  transport(tls: TlsSettings): Promise<Transport>;
}
