import { TASK_ASSIGNED, taskAssignedMessage, tasksTopic, WORKERS_GROUP } from '@tutti/contracts';
import { deadLetterTopic, type BusSubscription, type Delivery, type EventBus } from '@tutti/event-bus';
import { isTuttiError, type Ids } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { z } from 'zod';
import type { ForeignRuns } from '../owner/foreign-runs.js';
import type { RunOwner } from '../owner/run-owner.js';
import { COORDINATOR_ACTOR } from '../run/coordinator-actor.js';

interface DeadCommandsParts {
  readonly bus: EventBus;
  readonly owner: Pick<RunOwner, 'send' | 'owns'>;
  /** For runs of other coordinators: the letter comes to one of all, whoever answers for the run. */
  readonly foreign: Pick<ForeignRuns, 'send'>;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly pool: string;
}

const GROUP = 'owners';
/** A task whose commands die again and again, wherever it goes, is not given away for ever. */
const MAX_LOST = 10;
/** Waits double up to an hour: some days, in which the owner must have been able to append once. */
const DELIVERIES = 100;
const RETRY_DELAY_MS = 500;

const letter = z.object({
  group: z.string(),
  type: z.string(),
  error: z.string(),
  deliveries: z.number(),
  payload: z.unknown(),
});

/**
 * Makes an attempt `lost` whose command no worker could take, so that it is tried again and does not hang until its deadline, if it has one. The letter itself stays
 * for people to look at.
 */
export class DeadCommands {
  private subscription: BusSubscription | null = null;

  constructor(private readonly parts: DeadCommandsParts) {}

  async start(): Promise<void> {
    this.subscription = await this.parts.bus.subscribe({
      topic: deadLetterTopic(tasksTopic(this.parts.pool)),
      group: GROUP,
      // Owners come and go beside each other; whichever hears of a letter acts on it.
      member: `owner-${this.parts.ids.next()}`,
      maxDeliveries: DELIVERIES,
      retryDelayMs: RETRY_DELAY_MS,
      handle: (delivery) => this.handle(delivery),
    });
  }

  async stop(): Promise<void> {
    await this.subscription?.close();
    this.subscription = null;
  }

  private async handle({ payload }: Delivery): Promise<void> {
    const dead = letter.safeParse(payload);
    if (!dead.success || dead.data.group !== WORKERS_GROUP || dead.data.type !== TASK_ASSIGNED) return;
    const command = taskAssignedMessage.safeParse(dead.data.payload);
    // Whoever wrote it, no attempt of ours waits for it.
    if (!command.success) return;
    const { runId, task, attempt } = command.data;
    const reason = `no worker took its command, ${dead.data.deliveries} times; the last time: ${dead.data.error}`;
    try {
      const { owner, foreign } = this.parts;
      const answers = owner.owns(runId) ? owner : foreign;
      const sender = { actor: COORDINATOR_ACTOR };
      const { events } = await answers.send(runId, { type: 'LoseAttempt', task, attempt, reason, maxLost: MAX_LOST }, sender);
      if (events.length > 0) this.parts.logger.warn('an attempt is lost: its command became a dead letter', { run: runId, task, attempt });
    } catch (error) {
      if (!isTuttiError(error, 'RUN_NOT_FOUND')) throw error;
    }
  }
}
