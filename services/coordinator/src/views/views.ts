import { Inject, Injectable } from '@nestjs/common';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import {
  createLiveReadModel,
  type LiveReadModel,
  type Projection,
  type ProjectionHost,
  type ReadModels,
  type RunningProjection,
} from '@tutti/read-models';
import { callSignal, PROJECTIONS, READ_MODELS } from '@tutti/service-kit';
import { notificationsProjection, type NotificationDocument } from '../notifications/notifications.projection.js';
import { schedulesProjection, type ScheduleDocument } from '../schedules/schedules.projection.js';
import { approvalsProjection, type ApprovalDocument } from './approvals.projection.js';
import { runLabelsProjection, type RunLabelDocument } from './run-labels.projection.js';
import { runsProjection, type RunDocument } from './runs.projection.js';
import { tasksProjection, type TaskDocument } from './tasks.projection.js';
import { workflowsProjection, type WorkflowDocument } from './workflows.projection.js';

/** How long a query waits for the position it must see. */
const POSITION_LIMIT_MS = 5_000;
const FRESH_LIMIT_MS = 100;

interface View<Doc> {
  /** Whichever version is live: a rebuild beside it is never seen half-built. */
  readonly model: LiveReadModel<Doc & JsonObject>;
  readonly projection: RunningProjection<Doc & JsonObject>;
}

interface RunningViews {
  readonly runs: View<RunDocument>;
  readonly runLabels: View<RunLabelDocument>;
  readonly tasks: View<TaskDocument>;
  readonly approvals: View<ApprovalDocument>;
  readonly workflows: View<WorkflowDocument>;
  readonly notifications: View<NotificationDocument>;
  readonly schedules: View<ScheduleDocument>;
}

/** The coordinator's read models. */
@Injectable()
export class Views {
  private running: RunningViews | null = null;

  constructor(
    @Inject(PROJECTIONS) private readonly projections: ProjectionHost,
    @Inject(READ_MODELS) private readonly readModels: ReadModels,
  ) {}

  /** Resolves when every view holds what was in the store at the call. */
  async start(): Promise<void> {
    const [runs, runLabels, tasks, approvals, workflows, notifications, schedules] = await Promise.all([
      this.follow(runsProjection),
      this.follow(runLabelsProjection),
      this.follow(tasksProjection),
      this.follow(approvalsProjection),
      this.follow(workflowsProjection),
      this.follow(notificationsProjection),
      this.follow(schedulesProjection),
    ]);
    this.running = { runs, runLabels, tasks, approvals, workflows, notifications, schedules };
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

  all(): readonly RunningProjection[] {
    return this.running === null ? [] : Object.values(this.running).map(({ projection }: View<object>) => projection);
  }

  /**
   * What the view's queries are answered from, once it has folded the position. For 0, what was recorded before the question is waited for a moment: who has
   * just heard of an event finds it, but a busy system answers with what it has.
   *
   * @throws TuttiError TIMED_OUT
   */
  async at<Name extends keyof RunningViews>(name: Name, minPosition: number): Promise<RunningViews[Name]> {
    if (minPosition > 0) return this.holding(name, minPosition);
    const view = this.views[name];
    await view.projection.freshen(FRESH_LIMIT_MS);
    return view;
  }

  /** As {@link at}, for any position: 0 is that of the first event there is. */
  async holding<Name extends keyof RunningViews>(name: Name, position: number): Promise<RunningViews[Name]> {
    const view = this.views[name];
    if (position > view.projection.position()) await view.projection.waitFor(position, POSITION_LIMIT_MS, callSignal());
    return view;
  }

  private async follow<Doc extends JsonObject>(projection: Projection<Doc>): Promise<View<Doc>> {
    const model = createLiveReadModel<Doc>(this.readModels, projection);
    return { model, projection: await this.projections.start(projection) };
  }
}
