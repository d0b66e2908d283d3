import {
  partitionOf,
  type AnnouncementAnswer,
  type AttemptOutcome,
  type AttemptRef,
  type BeatAnswer,
  type ClaimAnswer,
  type TaskChannel,
  type WorkerAnnouncement,
  type WorkerBeat,
} from '@tutti/contracts';
import { TuttiError, type Runtime, type Timers } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { RunPartitions } from '@tutti/service-process';
import { CoordinatorStream } from './coordinator-stream.js';
import { firstAnswers } from './first-answers.js';
import { RunCalls } from './run-calls.js';

interface RoutedTaskChannelOptions {
  readonly partitions: Pick<RunPartitions, 'table' | 'onChange' | 'refresh'>;
  /** The channel to one coordinator. What it is asked waits while that is away. */
  readonly connect: (address: string) => TaskChannel & { close(): void };
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  /** Claims and reports without an answer; one more is refused with OVERLOADED. Default 20,000. */
  readonly maxPending?: number;
}

/** How long those who are slow to answer keep the others waiting. */
const REST_MS = 250;
/** The others learn that the worker lives, whoever does not answer. */
const LIMIT_MS = 1_000;

/**
 * The worker's end of the task channel where there are several coordinators. It makes itself known to each of them, those that come later too, and asks whoever answers
 * for a run about its tasks. A claim is granted by the owner of the run as it is known when the grant comes: one that somebody granted who is the owner no longer is
 * asked for again, so that the new owner knows of it before the task begins. A report is kept until somebody has answered that it is durable.
 */
export class RoutedTaskChannel implements TaskChannel {
  private readonly streams = new Map<string, CoordinatorStream>();
  private readonly calls: RunCalls;
  private readonly stopListening: () => void;
  private readonly onStrangers = new Set<() => void>();
  private readonly onArrivals = new Set<() => void>();
  private owners: readonly (string | null)[] = [];
  private readonly limits: { readonly timers: Pick<Timers, 'after'>; readonly restMs: number; readonly limitMs: number };
  /** As often as the least patient of them wants; unknown before the first answer. */
  private beatMs = Infinity;
  /** What was heard of and is still to be said. */
  private readonly superseded: AttemptRef[] = [];
  private closed = false;

  constructor(private readonly options: RoutedTaskChannelOptions) {
    const { partitions, runtime, maxPending: most = 20_000 } = options;
    this.limits = { timers: runtime.timers, restMs: REST_MS, limitMs: LIMIT_MS };
    this.calls = new RunCalls({
      ownerOf: (runId) => this.ownerOf(runId),
      refresh: () => void partitions.refresh(),
      timers: runtime.timers,
      most,
    });
    this.stopListening = partitions.onChange(() => this.adopt());
    this.adopt();
  }

  /** To those who do not know the worker; resolves when one does. With all that the worker holds: each passes over what is in others' runs. */
  async announce(announcement: WorkerAnnouncement): Promise<AnnouncementAnswer> {
    for (;;) {
      await this.someone();
      const strangers = this.all().filter(({ told, announcing }) => !told && !announcing);
      const asked = strangers.map((stream) => this.announceTo(stream, announcement));
      try {
        const answers = await firstAnswers(asked, { ...this.limits, onLate: (answer) => this.heard(answer) });
        answers.forEach((answer) => this.heard(answer));
      } catch (error) {
        if (this.closed || !(this.isKnown || isAway(error))) throw error;
      }
      // Whoever has not answered yet is heard of later.
      if (this.isKnown) return { beatMs: this.beatMs, superseded: this.toldSuperseded() };
      await this.pause();
    }
  }

  /** To all: `known` is false as soon as one says so. */
  async beat(worker: string, { silent }: WorkerBeat): Promise<BeatAnswer> {
    const asked = this.all()
      .filter(({ beating }) => !beating)
      .map((stream) => this.beatTo(stream, worker, silent));
    await firstAnswers(asked, this.limits).catch(() => undefined);
    const superseded = this.toldSuperseded();
    const known = this.all().every(({ told, announcing }) => told || announcing);
    return superseded.length === 0 ? { known } : { known, superseded };
  }

  async drain(worker: string): Promise<void> {
    await this.toAll((channel) => channel.drain(worker));
  }

  async depart(worker: string): Promise<void> {
    await this.toAll((channel) => channel.depart(worker));
  }

  claim(worker: string, attempt: AttemptRef): Promise<ClaimAnswer> {
    return this.calls.ask(attempt.runId, ({ channel }) => channel.claim(worker, attempt));
  }

  report(worker: string, attempt: AttemptRef, outcome: AttemptOutcome): Promise<void> {
    return this.calls.ask(attempt.runId, ({ channel }) => channel.report(worker, attempt, outcome), true);
  }

  onStranger(listener: () => void): () => void {
    this.onStrangers.add(listener);
    return () => this.onStrangers.delete(listener);
  }

  /** Calls without an answer reject with SHUTTING_DOWN. */
  close(): void {
    this.closed = true;
    this.stopListening();
    this.calls.close();
    for (const { channel } of this.streams.values()) channel.close();
    this.streams.clear();
    for (const arrived of [...this.onArrivals]) arrived();
  }

  private all(): readonly CoordinatorStream[] {
    return [...this.streams.values()];
  }

  private ownerOf(runId: string): CoordinatorStream | undefined {
    return this.streams.get(this.owners[partitionOf(runId)] ?? '');
  }

  /** Knows those whom the table names now, and no others. */
  private adopt(): void {
    if (this.closed) return;
    const { addresses, owners } = this.options.partitions.table;
    const gone = this.all().filter(({ id, address }) => addresses.get(id) !== address);
    for (const { id, address } of gone) {
      this.streams.delete(id);
      this.options.logger.info('a coordinator has gone', { coordinator: id, address });
    }
    for (const [id, address] of addresses) {
      if (this.streams.has(id)) continue;
      this.streams.set(id, new CoordinatorStream(id, address, this.options.connect(address)));
      this.options.logger.info('a coordinator has come', { coordinator: id, address });
    }
    // Whoever was given runs must hear what the worker holds of them.
    owners.forEach((owner, partition) => {
      const stream = owner === this.owners[partition] ? undefined : this.streams.get(owner ?? '');
      if (stream !== undefined) stream.told = false;
    });
    this.owners = owners;
    this.calls.move();
    // What they were asked is with others by now.
    for (const { channel } of gone) channel.close();
    for (const arrived of [...this.onArrivals]) arrived();
    if (this.all().some(({ told }) => !told)) for (const listener of this.onStrangers) listener();
  }

  /** Somebody has answered an announcement. */
  private get isKnown(): boolean {
    return this.beatMs < Infinity;
  }

  private heard({ beatMs, superseded }: AnnouncementAnswer): void {
    this.beatMs = Math.min(this.beatMs, beatMs);
    this.superseded.push(...superseded);
  }

  private toldSuperseded(): readonly AttemptRef[] {
    return this.superseded.splice(0);
  }

  private async announceTo(stream: CoordinatorStream, announcement: WorkerAnnouncement): Promise<AnnouncementAnswer> {
    stream.announcing = true;
    stream.told = true;
    try {
      const { beatMs, superseded } = await stream.channel.announce(announcement);
      // Only the owner of a run says what counts in it.
      return { beatMs, superseded: superseded.filter(({ runId }) => this.ownerOf(runId) === stream) };
    } catch (error) {
      stream.told = false;
      throw error;
    } finally {
      stream.announcing = false;
    }
  }

  private async beatTo(stream: CoordinatorStream, worker: string, silent: readonly AttemptRef[]): Promise<void> {
    stream.beating = true;
    try {
      const { known } = await stream.channel.beat(worker, { silent: silent.filter(({ runId }) => this.ownerOf(runId) === stream) });
      if (!known && !stream.announcing) stream.told = false;
    } finally {
      stream.beating = false;
    }
  }

  /** Those who are away learn of it when the worker beats no more. */
  private async toAll(ask: (channel: TaskChannel) => Promise<void>): Promise<void> {
    const { timers, restMs } = this.limits;
    await firstAnswers(
      this.all().map(({ channel }) => ask(channel)),
      { timers, restMs },
    );
  }

  /** Resolves when the table names somebody. @throws TuttiError SHUTTING_DOWN when it is closed before */
  private async someone(): Promise<void> {
    while (this.streams.size === 0) {
      if (this.closed) throw new TuttiError('SHUTTING_DOWN', 'the channel to the coordinators was closed');
      await new Promise<void>((resolve) => {
        const arrived = (): void => {
          this.onArrivals.delete(arrived);
          resolve();
        };
        this.onArrivals.add(arrived);
      });
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => void this.options.runtime.timers.after(REST_MS, resolve));
  }
}

function isAway(error: unknown): boolean {
  return error instanceof TuttiError && error.code === 'SHUTTING_DOWN';
}
