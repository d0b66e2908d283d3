/** A program to run once. */
export interface ProgramSpec {
  /** The program and its arguments; no shell is between. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment, not additions to this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input, which is closed then. A program that does not read it all is not an error. */
  readonly input: string;
}

export interface ProgramListener {
  readonly onStdout: (chunk: Uint8Array) => void;
  readonly onStderr: (chunk: Uint8Array) => void;
}

export type ProgramEnd =
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'killed'; readonly signal: string }
  /** It never ran. `code` is the system's, like ENOENT. */
  | { readonly how: 'not-started'; readonly code: string; readonly message: string };

export interface Program {
  /** Resolves, never rejects, when the program has ended, its output has been heard and none of the processes it started is left. */
  readonly ended: Promise<ProgramEnd>;
  /** Asks the program and everything it started to end; ends them by force after `graceMs`. A repeat can only shorten the time. */
  end(graceMs: number): void;
}

/** Starts programs. The seam that tests and other places to run programs take. */
export interface ProgramStarter {
  start(spec: ProgramSpec, listener: ProgramListener): Program;
}
