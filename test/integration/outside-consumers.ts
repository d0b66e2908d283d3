import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EventStore } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import { RELAY_ROUTES, type Relay, type RelayRoute } from '@tutti/relay';
import { openKafkaRelay } from '@tutti/relay/kafka';
import { createSystemRuntime, silentLogger } from '@tutti/service-kit';
import { within } from '../product/waiting.js';
import { root } from '../workspace/tracked-files.js';

export const consumers = join(root, 'examples/consumers');
const runtime = createSystemRuntime();
const PARTITIONS = 3;
const run = promisify(execFile);

/** Topics of a test's own, in a cluster that others use, too. */
export function newPrefix(): string {
  return `outside-${runtime.ids.next()}.`;
}

export interface TestRelayOptions {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly store: EventStore;
  /** Another one begins at the beginning of the log. */
  readonly checkpoint: string;
}

/** The relay as the coordinator has it, but for the names of the topics; it has its seat always. */
export function openTestRelay({ brokers, prefix, store, checkpoint }: TestRelayOptions): Relay {
  return openKafkaRelay({
    ...{ store, runtime, prefix, log: silentLogger, connection: { brokers }, checkpointTopic: `${prefix}${checkpoint}` },
    routes: RELAY_ROUTES.map((route) => renamed(route, prefix)),
    layouts: { defaults: { partitions: PARTITIONS } },
    seat: () => ({ take: async () => {}, onLost: () => () => {}, sureForMs: () => 1, leave: async () => {} }),
  });
}

function renamed({ topics, filter, messages }: RelayRoute, prefix: string): RelayRoute {
  return {
    topics: topics.map((topic) => `${prefix}${topic}`),
    filter,
    messages: (event) => messages(event).map(({ topic, message }) => ({ topic: `${prefix}${topic}`, message })),
  };
}

export async function eventsOf(store: EventStore, stream: string): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.readStream(stream)) events.push(event);
  return events;
}

/** A program of somebody else’s, and what it prints. */
export class OutsideProgram {
  out = '';
  err = '';
  private readonly lookers = new Set<() => void>();
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(command: string, args: readonly string[], options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }) {
    this.child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.child.on('error', (error) => (this.err += error.message));
    this.child.stdout?.on('data', (text: Buffer) => {
      this.out += text.toString();
      for (const look of this.lookers) look();
    });
    this.child.stderr?.on('data', (text: Buffer) => (this.err += text.toString()));
    this.closed = once(this.child, 'close');
  }

  prints(pattern: RegExp, limitMs: number): Promise<void> {
    const found = new Promise<void>((resolve) => {
      const look = () => void (pattern.test(this.out) && resolve());
      this.lookers.add(look);
      look();
    });
    return within(limitMs, `it printed ${String(pattern)}, after ${this.out.slice(-500)} ${this.err.slice(-1_000)}`, found);
  }

  /** Its exit code. */
  async ended(limitMs: number): Promise<number | null> {
    await within(limitMs, `${this.child.spawnfile} ended`, this.closed);
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.closed;
  }
}

/** False, said loudly, where a program is missing on somebody’s own machine; on CI it has to be there. */
export async function isThere(program: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await run(program, [...args]);
    return true;
  } catch (error) {
    const missing = (error as { readonly code?: unknown }).code === 'ENOENT';
    if (!missing) throw error;
    if (process.env['CI'] === 'true') throw new Error(`${program} is not installed, which CI has to have`, { cause: error });
    process.stderr.write(`\n*** NOT RUN: ${program} is not installed, so nothing was tested with it. ***\n\n`);
    return false;
  }
}
