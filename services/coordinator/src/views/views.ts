import { Inject, Injectable } from '@nestjs/common';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import type { ProjectionHost, RunningProjection } from '@tutti/read-models';
import { PROJECTIONS } from '@tutti/service-kit';
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

  constructor(@Inject(PROJECTIONS) private readonly projections: ProjectionHost) {}

  /** Resolves when every view holds what was in the store at the call. */
  async start(): Promise<void> {
    const [runs, tasks, approvals, workflows] = await Promise.all([
      this.projections.start(runsProjection),
      this.projections.start(tasksProjection),
      this.projections.start(approvalsProjection),
      this.projections.start(workflowsProjection),
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
}
