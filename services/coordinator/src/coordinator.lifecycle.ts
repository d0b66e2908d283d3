import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import type { RunningProjection } from '@tutti/read-models';
import { EVENT_STORE, LOGGER, RUNTIME, type Logger } from '@tutti/service-kit';
import { COORDINATOR_CONFIG, EVALUATOR, OWNERSHIP } from './coordinator.tokens.js';
import type { CoordinatorConfig } from './coordinator.config.js';
import type { Evaluator } from './expressions/evaluator.js';
import { EventFollower } from './inbox/event-follower.js';
import { Permits } from './limits/permits.js';
import { WorkerPresence } from './liveness/worker-presence.js';
import { isPassing } from './owner/is-passing.js';
import { RunOwner } from './owner/run-owner.js';
import type { Ownership } from './ownership/ownership.js';
import { RunTail } from './ownership/run-tail.js';
import { AgentFollower } from './routing/agent-follower.js';
import { Router } from './routing/router.js';
import { DeadCommands } from './tasks/dead-commands.js';
import { Views } from './views/views.js';
import { PlanCatalog } from './workflow/plan-catalog.js';

const TAKE_UP_AGAIN_MS = 1_000;

/** Brings the coordinator up and down in parts, which the composition root puts in order with those of the other services. */
@Injectable()
export class CoordinatorLifecycle {
  private agents: AgentFollower | null = null;
  private stopped = false;
  private hasMoved = false;
  private isGaining = false;
  private takenUp: Promise<void> = Promise.resolve();

  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
    @Inject(RunOwner) private readonly owner: RunOwner,
    @Inject(WorkerPresence) private readonly presence: WorkerPresence,
    @Inject(Router) private readonly router: Router,
    @Inject(Permits) private readonly permits: Permits,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVALUATOR) private readonly evaluator: Evaluator,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(COORDINATOR_CONFIG) private readonly config: CoordinatorConfig,
    @Inject(OWNERSHIP) private readonly ownership: Ownership,
    @Inject(RunTail) private readonly tail: RunTail,
    @Inject(DeadCommands) private readonly deadCommands: DeadCommands,
    @Inject(EventFollower) private readonly events: EventFollower,
  ) {}

  /** Read models and plans at the head of the store. */
  async startProjections(): Promise<void> {
    await this.plans.start();
    await this.views.start();
    // Before anything is assigned: who is paused gets nothing from a coordinator that has just come, either.
    const { store, router, runtime, logger } = this;
    this.agents = new AgentFollower({ store, router, runtime, logger });
    await this.agents.start();
  }

  async stopProjections(): Promise<void> {
    await this.agents?.close();
    await this.views.stop();
    await this.plans.stop();
  }

  /**
   * Begins to take up open runs, which arms their timers; they come into memory one after the other, one that is asked for at once. What workers of earlier
   * times held is given away unless they announce it within `workerGraceMs`.
   */
  async startTimers(): Promise<void> {
    await this.tail.start(() => {
      // From now on the tail, a claim or a call may bring runs into memory, long before they are taken up.
      this.presence.expectWorkers();
      void this.takeUpGained();
    });
    this.presence.expectWorkers();
    // Others went on appending while the views came up; what they append from now on, the tail brings.
    this.takenUp = this.ownership.alone ? this.takeUp(await this.openRuns()) : this.takeUpGained();
    await this.deadCommands.start();
  }

  /** Never rejects. */
  private async takeUp(open: readonly string[]): Promise<void> {
    const begun = this.runtime.clock.monotonic();
    const queue = open.values();
    const lanes = Array.from({ length: this.config.recoveryConcurrency }, async () => {
      for (const runId of queue) if (!this.stopped) await this.recover(runId);
    });
    await Promise.all(lanes);
    if (this.stopped) return;
    this.presence.recovered();
    if (open.length > 0)
      this.logger.info('took up open runs', { runs: open.length, ms: Math.round(this.runtime.clock.monotonic() - begun) });
  }

  /** Open runs of partitions that have come. Whatever was appended to them before is in the view then; the tail brings what comes later. */
  private async takeUpGained(): Promise<void> {
    this.hasMoved = true;
    if (this.isGaining) return;
    try {
      await this.viewOfNow();
      this.presence.expectWorkers();
      await this.takeUp(await this.openRuns());
    } catch (error) {
      if (this.stopped) return;
      this.logger.warn('open runs of new partitions could not be taken up; it is tried again', { err: error });
      this.runtime.timers.after(TAKE_UP_AGAIN_MS, () => void this.takeUpGained());
    }
  }

  /** Whatever was appended before the last move is in the view then. Of those that ask meanwhile one goes on for all. */
  private async viewOfNow(): Promise<void> {
    this.isGaining = true;
    try {
      while (this.hasMoved) {
        this.hasMoved = false;
        await this.views.at('runs', await this.store.head());
      }
    } finally {
      this.isGaining = false;
    }
  }

  /** Finishes the turns under way; no command is taken any more. */
  async stopTimers(): Promise<void> {
    this.stopped = true;
    await this.takenUp;
    await this.deadCommands.stop();
    await this.tail.stop();
    this.presence.close();
    await this.owner.close();
    this.logger.info('answers for no run any more', { appends: this.owner.appends() });
    await this.events.close();
    await this.permits.close();
    await this.evaluator.close();
  }

  /** The running projections, for lag and health; empty before the start. */
  projections(): readonly RunningProjection[] {
    return this.views.all();
  }

  private async openRuns(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await this.views.views.runs.model.find({
        filter: { status: { $in: ['running', 'paused'] } },
        sort: [['listedAt', 'asc']],
        limit: 1_000,
        ...(after === undefined ? {} : { after }),
      });
      ids.push(...page.map(({ key }) => key).filter((key) => this.ownership.owns(key)));
      if (page.length < 1_000) return ids;
      after = page.at(-1)?.cursor;
    }
  }

  private async recover(runId: string): Promise<void> {
    try {
      await this.owner.recover(runId);
    } catch (error) {
      // Of what passes the owner tries it again by itself.
      this.logger[isPassing(error) ? 'warn' : 'error']('a run could not be taken up', { run: runId, err: error });
    }
  }
}
