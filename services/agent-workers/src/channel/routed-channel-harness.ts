import {
  attemptKey,
  partitionOf,
  PARTITIONS,
  type AttemptRef,
  type ClaimAnswer,
  type TaskChannel,
  type WorkerAnnouncement,
} from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { PartitionTable } from '@tutti/service-process';
import { RoutedTaskChannel } from './routed-task-channel.js';

const GO: ClaimAnswer = { verdict: 'go', input: { inline: null }, feedback: [], deadlineAt: null };

/** A coordinator as workers see it. It answers for what it believes to own; what it was asked is put down. */
export class FakeCoordinator {
  readonly address: string;
  readonly announced: WorkerAnnouncement[] = [];
  readonly asked: string[] = [];
  beatMs = 1_000;
  knows = false;
  /** What it says to whoever announces itself. */
  superseded: readonly AttemptRef[] = [];
  owns: (runId: string) => boolean = () => true;
  /** While it is, nothing is answered. */
  hung = false;
  claimAnswer: ClaimAnswer = GO;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly id: string) {
    this.address = `${id}:1`;
  }

  /** Answers what waits. */
  wake(): void {
    this.hung = false;
    for (const go of this.waiting.splice(0)) go();
  }

  connect(): TaskChannel & { close(): void } {
    let closed = false;
    const closing = Promise.withResolvers<never>();
    closing.promise.catch(() => undefined);
    const answer = async <Answer>(what: string, work: () => Answer): Promise<Answer> => {
      this.asked.push(what);
      if (closed) return closing.promise;
      if (this.hung) await Promise.race([closing.promise, new Promise<void>((resolve) => this.waiting.push(resolve))]);
      return work();
    };
    const owned = <Answer>({ runId }: AttemptRef, work: () => Answer): Answer => {
      if (this.owns(runId)) return work();
      throw new TuttiError('SHUTTING_DOWN', `${this.id} does not answer for ${runId}`, { details: { begun: false, runId } });
    };
    return {
      announce: (announcement) =>
        answer('announce', () => {
          this.announced.push(announcement);
          this.knows = true;
          return { beatMs: this.beatMs, superseded: this.superseded };
        }),
      beat: (_, { silent }) => answer(`beat ${silent.map(attemptKey).join()}`.trim(), () => ({ known: this.knows })),
      drain: () => answer('drain', () => undefined),
      depart: () => answer('depart', () => undefined),
      claim: (_, attempt) => answer(`claim ${attemptKey(attempt)}`, () => owned(attempt, () => this.claimAnswer)),
      report: (_, attempt) => answer(`report ${attemptKey(attempt)}`, () => owned(attempt, () => undefined)),
      close: () => {
        closed = true;
        closing.reject(new TuttiError('SHUTTING_DOWN', 'the channel to the owner was closed'));
      },
    };
  }
}

export interface RoutedHarness {
  readonly runtime: ManualRuntime;
  readonly channel: RoutedTaskChannel;
  /** Gives all partitions to the first of them, those of the runs to others. A run of nobody is one of null. */
  own(first: FakeCoordinator | null, others?: Readonly<Record<string, FakeCoordinator | null>>, idle?: readonly FakeCoordinator[]): void;
  /** How often the table was looked at because a call found nobody. */
  refreshed(): number;
}

export function routedHarness(coordinators: readonly FakeCoordinator[], options: { readonly maxPending?: number } = {}): RoutedHarness {
  const runtime = createManualRuntime();
  const listeners = new Set<() => void>();
  let table: PartitionTable = { version: 0, owners: new Array<null>(PARTITIONS).fill(null), addresses: new Map() };
  let refreshed = 0;
  const partitions = {
    get table() {
      return table;
    },
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh: () => {
      refreshed += 1;
      return Promise.resolve();
    },
  };
  const connect = (address: string) => {
    const found = coordinators.find((each) => each.address === address);
    if (found === undefined) throw new Error(`nobody is at ${address}`);
    return found.connect();
  };
  return {
    runtime,
    channel: new RoutedTaskChannel({ partitions, connect, runtime, logger: silentLogger, ...options }),
    own(first, others = {}, idle = []) {
      const owners = new Array<string | null>(PARTITIONS).fill(first?.id ?? null);
      for (const [runId, owner] of Object.entries(others)) owners[partitionOf(runId)] = owner?.id ?? null;
      const there = [first, ...Object.values(others), ...idle].filter((each) => each !== null);
      table = { version: table.version + 1, owners, addresses: new Map(there.map(({ id, address }) => [id, address])) };
      for (const listener of listeners) listener();
    },
    refreshed: () => refreshed,
  };
}
