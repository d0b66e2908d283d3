import { isTuttiError, TuttiError, type RecordedEvent } from '@tutti/kernel';
import { checkExpectedRevision, checkRepeat, type PreparedAppend } from '../append-rules.js';
import { MAX_APPEND_BYTES, type AppendResult, type ExpectedRevision } from '../event-store.port.js';
import type { AppendPlaces } from './append-places.js';
import type { BatchAppends } from './batch-appends.js';
import { isPassing, NoAnswer, storeError } from './client-errors.js';
import { KnownStream, KnownStreams } from './known-streams.js';
import type { LogReader } from './log-reader.js';
import { recordAppends } from './recorded-appends.js';
import type { ExpectedAppend, SeenAppends } from './seen-appends.js';
import type { ServerConnection } from './server-connection.js';
import type { StreamNames } from './stream-names.js';

const AGAIN_MS = 50;
const AGAIN_MAX_MS = 1_000;
/** Appends that wait for the same stream go together, as long as they are not more than one may be. */
const MAX_TOGETHER = 200;
const MAX_ROUNDS = 1_000;

interface StreamAppendsParts {
  readonly connection: ServerConnection;
  readonly names: StreamNames;
  readonly reader: LogReader;
  readonly batches: BatchAppends;
  readonly places: AppendPlaces;
  readonly seen: SeenAppends;
  /** How long an append is tried while the server is away. */
  readonly appendLimitMs: number;
  readonly rememberedEvents: number;
  readonly maxQueuedBytes: number;
  readonly onAppended: (position: number) => void;
}

interface Job {
  readonly append: PreparedAppend;
  /** By the monotonic clock. */
  readonly until: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Appends stream by stream. Each names the revision it follows, so the server lets one of several writers win, and the others look at what they did not know.
 * What became of an append whose answer was lost is seen the same way: its ids are in the stream, or they are not.
 */
export class StreamAppends {
  private readonly known: KnownStreams;
  /** Appends that wait for a stream, the one under way first. */
  private readonly queues = new Map<string, Job[]>();
  private readonly running = new Set<Promise<void>>();
  private queuedBytes = 0;
  private closing = false;

  constructor(private readonly parts: StreamAppendsParts) {
    this.known = new KnownStreams(parts.rememberedEvents);
  }

  append(append: PreparedAppend): Promise<AppendResult> {
    const { maxQueuedBytes, connection, appendLimitMs } = this.parts;
    if (this.queuedBytes + append.bytes > maxQueuedBytes) {
      const message = `${this.queuedBytes} bytes wait for EventStoreDB; at most ${maxQueuedBytes} may`;
      return Promise.reject(new TuttiError('OVERLOADED', message, { retryable: true }));
    }
    const until = connection.runtime.clock.monotonic() + appendLimitMs;
    this.queuedBytes += append.bytes;
    const result = new Promise<AppendResult>((resolve, reject) => {
      const job: Job = { append, until, resolve, reject };
      const queue = this.queues.get(append.stream);
      if (queue !== undefined) {
        queue.push(job);
        return;
      }
      this.queues.set(append.stream, [job]);
      const run = this.work(append.stream).finally(() => this.running.delete(run));
      this.running.add(run);
    });
    return result.finally(() => (this.queuedBytes -= append.bytes));
  }

  /** Share of what may wait that waits now, from 0 to 1. */
  get fill(): number {
    return this.queuedBytes / this.parts.maxQueuedBytes;
  }

  /** What a reader learns of a stream that it has read from its beginning to its end. */
  learn(stream: string, known: KnownStream): void {
    if (!this.queues.has(stream) && (this.known.get(stream)?.revision ?? -1) <= known.revision) this.known.keep(stream, known);
  }

  /** Resolves when nothing waits any more; what fails from now on is not tried again. */
  async close(): Promise<void> {
    this.closing = true;
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async work(stream: string): Promise<void> {
    const jobs = this.queues.get(stream) ?? [];
    let waitMs = AGAIN_MS;
    while (jobs.length > 0) {
      try {
        await this.step(stream, jobs);
        waitMs = AGAIN_MS;
      } catch (error) {
        if (!isTuttiError(error)) {
          // Nobody knows what became of it: the stream is looked at before it is tried again.
          this.known.drop(stream);
          this.parts.connection.noteFailure(error);
        }
        if (this.giveUp(jobs, error, waitMs)) continue;
        await this.parts.connection.pause(waitMs);
        waitMs = Math.min(waitMs * 2, AGAIN_MAX_MS);
      }
    }
    this.queues.delete(stream);
  }

  /** True when there is no reason to wait before the next are tried. */
  private giveUp(jobs: Job[], error: unknown, waitMs: number): boolean {
    if (!isPassing(error)) {
      jobs.shift()?.reject(storeError(error));
      return true;
    }
    const now = this.parts.connection.runtime.clock.monotonic();
    const over = jobs.filter(({ until }) => this.closing || now + waitMs > until);
    const left = jobs.filter((job) => !over.includes(job));
    jobs.splice(0, jobs.length, ...left);
    for (const job of over) job.reject(storeError(error));
    return jobs.length === 0;
  }

  /** Answers at least one of the appends that wait for a stream, or throws. */
  private async step(stream: string, jobs: Job[]): Promise<void> {
    const first = (jobs[0] as Job).append;
    let known = this.known.get(stream);
    known ??= first.expected === 'no-stream' ? new KnownStream() : await this.lookAt(stream, new KnownStream());
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const repeated = await this.findRepeat(first, known);
      if (repeated !== null) {
        jobs.shift()?.resolve(resultOf(repeated));
        return;
      }
      if (!isAt(first.expected, known.revision)) {
        // Somebody else may have written it since.
        const { revision } = known;
        await this.lookAt(stream, known);
        this.known.keep(stream, known);
        if (known.revision !== revision) continue;
        checkExpectedRevision(stream, first.expected, known.revision);
      }
      const together = takeTogether(jobs, known);
      const written = await this.write(stream, together, known);
      if (written !== null) {
        const done = jobs.splice(0, together.length);
        let from = 0;
        for (const { append, resolve } of done) {
          resolve(resultOf(written.slice(from, from + append.events.length)));
          from += append.events.length;
        }
        return;
      }
      known = await this.lookAt(stream, known);
    }
    throw new NoAnswer(`others were faster to write stream ${stream} ${MAX_ROUNDS} times`);
  }

  /** What the stream holds behind what is known of it. */
  private async lookAt(stream: string, known: KnownStream): Promise<KnownStream> {
    for await (const event of this.parts.reader.stream(stream, { from: known.revision + 1 })) known.take(event);
    return known;
  }

  private async findRepeat(append: PreparedAppend, known: KnownStream): Promise<readonly RecordedEvent[] | null> {
    const revisions = append.events.flatMap(({ id }) => known.revisions.get(id) ?? []);
    if (revisions.length === 0) return null;
    const [from, to] = [Math.min(...revisions), Math.max(...revisions)];
    const ids = new Set(append.events.map(({ id }) => id));
    const found: RecordedEvent[] = [];
    const read = this.parts.reader.stream(append.stream, { from, limit: to - from + 1 });
    for await (const event of read) if (ids.has(event.id)) found.push(event);
    this.known.keep(append.stream, known);
    checkRepeat(append, found);
    return found;
  }

  /** Null when the stream is not where it was thought to be, or when the server says "done" of what somebody else appended under these ids. */
  private async write(stream: string, appends: readonly PreparedAppend[], known: KnownStream): Promise<readonly RecordedEvent[] | null> {
    const { names, batches, connection, seen, onAppended } = this.parts;
    const { unplaced, outgoing, lastHash } = recordAppends(appends, known, connection.runtime.clock.now());
    const append = { stream: names.onServer(stream), expectedRevision: known.revision, events: outgoing };
    const expected = seen.expect(stream, append);
    try {
      const answer = await batches.append(append);
      if (answer === null) return null;
      connection.answered();
      const recorded = await this.placed(stream, unplaced, expected, answer.position ?? -1);
      if (recorded === null) return null;
      known.takeWritten(recorded, lastHash);
      this.known.keep(stream, known);
      onAppended(recorded.at(-1)?.position ?? -1);
      return recorded;
    } finally {
      seen.forget(expected);
    }
  }

  /** Null when these are not the events that stand there. */
  private async placed(
    stream: string,
    unplaced: readonly RecordedEvent[],
    expected: ExpectedAppend,
    position: number,
  ): Promise<readonly RecordedEvent[] | null> {
    const placement = position < 0 ? 'unknown' : await this.parts.places.find(expected, position);
    if (placement === 'repeat') return null;
    if (placement !== 'unknown') return unplaced.map((event, index) => ({ ...event, position: placement[index] ?? -1 }));
    const events: RecordedEvent[] = [];
    const read = this.parts.reader.stream(stream, { from: expected.append.expectedRevision + 1, limit: unplaced.length });
    for await (const event of read) events.push(event);
    const same = unplaced.every(({ id, time, previousHash }, index) => {
      const found = events[index];
      return found?.id === id && found.time === time && found.previousHash === previousHash;
    });
    return same ? events : null;
  }
}

/** The first, and those behind it that would follow it: each at the revision that the one before leaves, with events that are new. */
function takeTogether(jobs: readonly Job[], known: KnownStream): readonly PreparedAppend[] {
  const taken: PreparedAppend[] = [];
  const ids = new Set<string>();
  let { revision } = known;
  let bytes = 0;
  for (const { append } of jobs) {
    bytes += append.bytes;
    const fits = taken.length < MAX_TOGETHER && bytes <= MAX_APPEND_BYTES / 2 && isAt(append.expected, revision);
    if (taken.length > 0 && (!fits || append.events.some(({ id }) => ids.has(id) || known.revisions.has(id)))) break;
    taken.push(append);
    for (const { id } of append.events) ids.add(id);
    revision += append.events.length;
  }
  return taken;
}

function isAt(expected: ExpectedRevision, revision: number): boolean {
  return expected === 'any' || expected === revision || (expected === 'no-stream' && revision < 0);
}

function resultOf(events: readonly RecordedEvent[]): AppendResult {
  const last = events.at(-1);
  return { revision: last?.revision ?? -1, position: last?.position ?? -1, events };
}
