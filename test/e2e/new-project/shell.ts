import { spawn, type ChildProcess } from 'node:child_process';
import { delimiter } from 'node:path';
import { within } from '../../product/waiting.js';

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
}

/** A command line of a shell, as somebody types it whose machine has node and npm and nothing of this workspace. */
export class TypedCommand {
  output = '';
  /** When all that it started has ended. */
  readonly ended: Promise<CommandResult>;
  private readonly child: ChildProcess;
  private readonly lookers = new Set<() => void>();

  constructor(line: string, cwd: string) {
    // A group of its own, so that all it started can be ended.
    this.child = spawn('bash', ['-c', line], { cwd, env: plainEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.look();
      });
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code) => {
        resolve({ code, output: this.output });
        this.look();
      }),
    );
  }

  /** Resolves once the output has the text, counted from the place; to the place behind it. */
  async printed(text: string, limitMs: number, from = 0): Promise<number> {
    const found = new Promise<number>((resolve, reject) => {
      const look = (): void => {
        const at = this.output.indexOf(text, from);
        if (at >= 0) resolve(at + text.length);
        else if (this.child.exitCode !== null) reject(new Error(`ended without printing "${text}": ${this.output}`));
      };
      this.lookers.add(look);
      look();
    });
    return this.limited(limitMs, `"${text}" is printed`, found);
  }

  /** To all that it started, as Ctrl-C does. */
  signal(signal: NodeJS.Signals): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** What it ended with; it is killed after the limit. */
  async result(limitMs: number): Promise<CommandResult> {
    try {
      return await this.limited(limitMs, 'the command ends', this.ended);
    } finally {
      this.signal('SIGKILL');
    }
  }

  private async limited<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
    try {
      return await within(limitMs, what, promise);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it said: ${this.output}`, { cause: error });
    }
  }

  private look(): void {
    for (const look of this.lookers) look();
  }
}

/** Without what npm and jest put there: settings of the run that this test is part of, and the workspace's programs on the path. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const added =
    /^(?:npm_(?:lifecycle|package|command|execpath|node_execpath|config_(?:local_prefix|prefix|user_agent))|NODE_|JEST_|INIT_CWD|TUTTI_|CI$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !added.test(name));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  // Any free port: another system may hold the usual one.
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), TUTTI_GATEWAY__PORT: '0', NO_COLOR: '1' };
}
