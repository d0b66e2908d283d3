import type {
  AnnouncementAnswer,
  AttemptOutcome,
  AttemptRef,
  BeatAnswer,
  ClaimAnswer,
  TaskChannel,
  WorkerAnnouncement,
  WorkerBeat,
} from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { PartitionTable } from '../system/partition-table.js';
import type { Server } from '../system/server.js';
import type { Life } from '../world/life.js';
import type { Link } from './link.js';

/** The worker's end of the task channel: it makes itself known to every server, and asks the owner of a run about its tasks. */
export class RoutedTaskChannel implements TaskChannel {
  constructor(
    private readonly life: Life,
    private readonly link: Link,
    private readonly servers: readonly Server[],
    private readonly partitions: PartitionTable,
  ) {}

  async announce(worker: WorkerAnnouncement): Promise<AnnouncementAnswer> {
    const answers = await this.toAll((channel) => channel.announce(worker));
    const superseded = answers.map((answer) => answer.superseded);
    return { beatMs: Math.min(...answers.map(({ beatMs }) => beatMs)), superseded: superseded.flat() };
  }

  async beat(worker: string, beat: WorkerBeat): Promise<BeatAnswer> {
    const answers = await this.toAll((channel) => channel.beat(worker, beat));
    return { known: answers.every(({ known }) => known) };
  }

  async drain(worker: string): Promise<void> {
    await this.toAll((channel) => channel.drain(worker));
  }

  async depart(worker: string): Promise<void> {
    await this.toAll((channel) => channel.depart(worker));
  }

  claim(worker: string, attempt: AttemptRef): Promise<ClaimAnswer> {
    return this.toOwner(attempt, (channel) => channel.claim(worker, attempt));
  }

  report(worker: string, attempt: AttemptRef, outcome: AttemptOutcome): Promise<void> {
    return this.toOwner(attempt, (channel) => channel.report(worker, attempt, outcome));
  }

  /** Those that answered; a server that is down learns of the worker when it beats again. @throws what the last one threw when none did */
  private async toAll<Answer>(ask: (channel: TaskChannel) => Promise<Answer>): Promise<readonly Answer[]> {
    const settled = await Promise.allSettled(this.servers.map((server) => this.ask(server, ask)));
    const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = settled.find((result) => result.status === 'rejected');
    if (answers.length === 0 && failed !== undefined) throw failed.reason;
    return answers;
  }

  private toOwner<Answer>({ runId }: AttemptRef, ask: (channel: TaskChannel) => Promise<Answer>): Promise<Answer> {
    const owner = this.servers[this.partitions.ownerOf(runId)];
    if (owner === undefined) return Promise.reject(new TuttiError('SHUTTING_DOWN', `run ${runId} has no owner`));
    return this.ask(owner, ask);
  }

  private ask<Answer>(server: Server, ask: (channel: TaskChannel) => Promise<Answer>): Promise<Answer> {
    return this.link.call(this.life, server, () => {
      const { services } = server;
      if (services === null) return Promise.reject(new TuttiError('SHUTTING_DOWN', `${server.name} is down`));
      return ask(services.channel);
    });
  }
}
