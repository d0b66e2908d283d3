import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import { TuttiError, type JsonObject, type Runtime } from '@tutti/kernel';
import { startProjection, type Projection, type ReadModels, type RunningProjection } from '@tutti/read-models';
import { EVENT_STORE, LOGGER, READ_MODELS, RUNTIME, type Logger } from '@tutti/service-kit';
import { approvalsProjection, type ApprovalDocument } from './approvals.projection.js';
import { runsProjection, type RunDocument } from './runs.projection.js';
import { tasksProjection, type TaskDocument } from './tasks.projection.js';
import { workflowsProjection, type WorkflowDocument } from './workflows.projection.js';

/** How long a query waits for the position it must see. */
const POSITION_LIMIT_MS = 5_000;

type View<Doc> = RunningProjection<Doc & JsonObject>;

interface RunningViews {
  readonly runs: View<RunDocument>;
  readonly tasks: View<TaskDocument>;
  readonly approvals: View<ApprovalDocument>;
  readonly workflows: View<WorkflowDocument>;
}

/** The coordinator's read models. */
@Injectable()
export class Views {
  private running: RunningViews | null = null;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when every view holds what was in the store at the call. */
  async start(): Promise<void> {
    const [runs, tasks, approvals, workflows] = await Promise.all([
      this.follow(runsProjection),
      this.follow(tasksProjection),
      this.follow(approvalsProjection),
      this.follow(workflowsProjection),
    ]);
    this.running = { runs, tasks, approvals, workflows };
    await Promise.all(this.all().map((view) => view.caughtUp));
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((view) => view.close()));
    this.running = null;
  }

  /** @throws TuttiError SHUTTING_DOWN before the start and after the stop */
  get views(): RunningViews {
    if (this.running === null) throw new TuttiError('SHUTTING_DOWN', 'the read models are not up');
    return this.running;
  }

  all(): readonly View<JsonObject>[] {
    return this.running === null ? [] : (Object.values(this.running) as readonly View<JsonObject>[]);
  }

  /** The view once it has folded the position. @throws TuttiError TIMED_OUT */
  async at<Name extends keyof RunningViews>(name: Name, minPosition: number): Promise<RunningViews[Name]> {
    const view = this.views[name];
    if (minPosition > view.position()) await view.waitFor(minPosition, POSITION_LIMIT_MS);
    return view;
  }

  private follow<Doc extends JsonObject>(projection: Projection<Doc>): Promise<RunningProjection<Doc>> {
    const { store, readModels, runtime, logger } = this;
    return startProjection({ projection, store, readModels, runtime, logger });
  }
}
