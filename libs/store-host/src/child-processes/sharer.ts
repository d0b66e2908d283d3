import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SharerTask {
  readonly folder: string;
  readonly name: string;
  /** Unlike that of every other life, for it makes ids. */
  readonly seed: number;
  readonly mayHost: boolean;
  /** Whether it runs the projection of the folder. */
  readonly folds: boolean;
}

/** What a process says, one at a time. */
export interface SharerLine {
  readonly connected?: true;
  readonly hosts?: true;
  /** Id of an event whose append was answered. */
  readonly acknowledged?: string;
  /** Id of a message that was handled. */
  readonly handled?: string;
  /** Hash of a blob whose put was answered. */
  readonly blob?: string;
  /** Events of its subscription. */
  readonly seen?: number;
  /** Code of what kept it from having the folder. */
  readonly refused?: string;
  readonly message?: string;
  /** What must not be. */
  readonly breach?: string;
}

/** A process that shares a folder with others. */
export class Sharer {
  readonly #lines: SharerLine[] = [];
  readonly #child;
  readonly #closed: Promise<unknown>;
  #isAlive = true;
  #wake = () => {};

  constructor(
    readonly task: SharerTask,
    private readonly onLine: (line: SharerLine, sharer: Sharer) => void = () => {},
  ) {
    const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const flags = [
      '--experimental-transform-types',
      '--no-warnings',
      '--conditions=@tutti/source',
      '--import',
      path('typescript-sources.mjs'),
    ];
    this.#child = spawn(process.execPath, [...flags, path('share-folder.ts'), JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#heed(text));
    this.#closed = once(this.#child, 'close').then(() => this.#wake());
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** From here on it has done all that it ever will. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  async kill(): Promise<void> {
    this.#isAlive = false;
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  /** Ends in order, and answers with the exit code. */
  async close(): Promise<number | null> {
    this.#isAlive = false;
    this.#child.stdin.write('close\n');
    await this.#closed;
    return this.#child.exitCode;
  }

  /** How many events its subscription has had when it had all up to this position; it appends nothing more from now on. */
  async seenUpTo(position: number): Promise<number> {
    const before = this.#lines.length;
    this.#child.stdin.write(`${position}\n`);
    return (await this.said('seen', before)).seen ?? -1;
  }

  async said(key: keyof SharerLine, from = 0): Promise<SharerLine> {
    for (;;) {
      const line = this.#lines.slice(from).find((said) => said[key] !== undefined);
      if (line !== undefined) return line;
      if (this.#child.exitCode !== null) throw new Error(`${this.task.name} ended with ${this.#child.exitCode} before it said ${key}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #heed(text: string): void {
    // A kill may tear the last line apart.
    if (!text.endsWith('}')) return;
    const line = JSON.parse(text) as SharerLine;
    this.#lines.push(line);
    this.onLine(line, this);
    this.#wake();
  }
}
