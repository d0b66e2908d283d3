import { Inject } from '@nestjs/common';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ListWorkflowVersionsRequest, ListWorkflowVersionsResponse, RolloutRule, WorkflowVersionView } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { Views } from '../views/views.js';
import type { WorkflowDocument } from '../views/workflows.projection.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';
import { sharesOf } from '../workflow/rollout.js';
import { WorkflowStreams } from '../workflow/workflow-streams.js';

/** What {@link ChangeVersions} may say. */
interface VersionChange {
  readonly name: string;
  readonly actor: string;
  readonly reason: string;
}

export interface VersionsChanged {
  readonly changed: boolean;
  readonly position: number;
}

/** A rollout, a drain or a restoration. */
export class ChangeVersions extends Command<VersionsChanged> {
  constructor(
    readonly command: VersionChange &
      (
        | { readonly type: 'ChangeRollout'; readonly rules: readonly RolloutRule[] }
        | { readonly type: 'DrainVersion' | 'RestoreVersion'; readonly version: number }
      ),
  ) {
    super();
  }
}

@CommandHandler(ChangeVersions)
export class ChangeVersionsHandler implements ICommandHandler<ChangeVersions> {
  constructor(@Inject(WorkflowStreams) private readonly streams: WorkflowStreams) {}

  async execute({ command }: ChangeVersions): Promise<VersionsChanged> {
    const { events, position } = await this.streams.handle(command, command.actor);
    return { changed: events.length > 0, position };
  }
}

export class ListWorkflowVersions extends Query<ListWorkflowVersionsResponse> {
  constructor(readonly request: ListWorkflowVersionsRequest) {
    super();
  }
}

const MAX_VERSIONS = 1_000;
const RUNS_PER_PAGE = 1_000;
const MAX_COUNTED = 10_000;

@QueryHandler(ListWorkflowVersions)
export class ListWorkflowVersionsHandler implements IQueryHandler<ListWorkflowVersions> {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
  ) {}

  async execute({ request: { name, minPosition } }: ListWorkflowVersions): Promise<ListWorkflowVersionsResponse> {
    const { model } = await this.views.at('workflows', minPosition);
    const found = await model.find({ filter: { name, isNewest: { $in: [true, false] } }, limit: MAX_VERSIONS });
    if (found.length === 0) throw new TuttiError('WORKFLOW_NOT_FOUND', `there is no workflow "${name}"`);
    await this.plans.refresh(name);
    const { open, isCutOff } = await this.openRuns(name, minPosition);
    const state = this.plans.stateOf(name);
    const shares = sharesOf(state);
    const view = ({ version, hash, registeredAt, isNewest }: WorkflowDocument): WorkflowVersionView => ({
      ...{ version, hash, registeredAt, isNewest, drained: state.drained.has(version), share: shares.get(version) ?? 0 },
      ...{ openRuns: open.get(version) ?? 0, moreOpenRuns: isCutOff },
    });
    const versions = found.map(({ document }) => view(document)).sort((a, b) => b.version - a.version);
    return { versions, rules: state.rules.map(({ version, share, labels = {} }) => ({ version, share, labels })) };
  }

  private async openRuns(
    name: string,
    minPosition: number,
  ): Promise<{ readonly open: ReadonlyMap<number, number>; readonly isCutOff: boolean }> {
    const { model } = await this.views.at('runs', minPosition);
    const open = new Map<number, number>();
    const filter = { workflow: name, status: { $in: ['running', 'paused'] } };
    let after: string | undefined;
    for (let counted = 0; counted < MAX_COUNTED;) {
      const found = await model.find({ filter, limit: RUNS_PER_PAGE, ...(after === undefined ? {} : { after }) });
      for (const { document } of found) open.set(document.workflowVersion, (open.get(document.workflowVersion) ?? 0) + 1);
      if (found.length < RUNS_PER_PAGE) return { open, isCutOff: false };
      counted += found.length;
      after = found.at(-1)?.cursor;
    }
    return { open, isCutOff: true };
  }
}
