import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RelayTask, SeatMessage } from './relay-task.js';

const BEAT_MS = 200;
const GONE_AFTER_MS = 2_000;

/** Relays as processes of their own, and the seat that they wait for: whoever did not answer for a while, or is gone, has it no more. */
export class RelayProcesses {
  private readonly waiting: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  private holder: ChildProcess | null = null;
  private heardAt = 0;
  private readonly beating = setInterval(() => this.beat(), BEAT_MS);
  /** How often somebody got the seat. */
  handOvers = 0;

  start(task: RelayTask): void {
    const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const flags = [
      '--experimental-transform-types',
      '--no-warnings',
      '--conditions=@tutti/source',
      '--import',
      path('typescript-sources.mjs'),
    ];
    const child = spawn(process.execPath, [...flags, path('relay-process.ts'), JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.all.add(child);
    child.on('message', (message: SeatMessage) => this.hear(child, message));
    child.on('exit', () => this.gone(child));
  }

  /** SIGKILL for whoever has the seat. False when nobody has it. */
  async killHolder(): Promise<boolean> {
    const { holder } = this;
    if (holder === null) return false;
    const gone = once(holder, 'exit');
    holder.kill('SIGKILL');
    await gone;
    return true;
  }

  /** Stops whoever has the seat, without its knowing; it goes on when the function that comes back is called. */
  freezeHolder(): () => void {
    const { holder } = this;
    holder?.kill('SIGSTOP');
    return () => void holder?.kill('SIGCONT');
  }

  async end(): Promise<void> {
    clearInterval(this.beating);
    await Promise.all(
      [...this.all].map(async (child) => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }

  private hear(child: ChildProcess, message: SeatMessage): void {
    if (message === 'wanted') this.waiting.push(child);
    else if (child === this.holder && message === 'beat') this.heardAt = performance.now();
    else if (child === this.holder && message === 'left') this.holder = null;
    this.give();
  }

  private gone(child: ChildProcess): void {
    this.all.delete(child);
    if (this.waiting.includes(child)) this.waiting.splice(this.waiting.indexOf(child), 1);
    if (this.holder === child) this.holder = null;
    this.give();
  }

  private beat(): void {
    if (this.holder !== null && performance.now() - this.heardAt > GONE_AFTER_MS) this.holder = null;
    if (this.holder !== null) tell(this.holder, 'beat');
    this.give();
  }

  private give(): void {
    if (this.holder !== null) return;
    this.holder = this.waiting.shift() ?? null;
    if (this.holder === null) return;
    this.heardAt = performance.now();
    this.handOvers += 1;
    tell(this.holder, 'given');
  }
}

/** One that was killed a moment ago hears nothing any more. */
function tell(child: ChildProcess, message: SeatMessage): void {
  if (child.connected) child.send(message, () => undefined);
}
