import type { ValueStore } from '@tutti/service-kit';
import { isTuttiError } from '@tutti/kernel';
import type { RunOwner } from '../owner/run-owner.js';
import { drained } from '../workflow/workflow.decider.js';
import type { PlanCatalog } from '../workflow/plan-catalog.js';
import { migrationOutlook, type DefinedVersion, type Migration, type MigrationOutlook } from './migration.js';
import { checkRecordedValues, type CheckedValues } from './recorded-values.js';

export interface MigrationRequest {
  readonly runId: string;
  /** 0 for the newest. */
  readonly toVersion: number;
  readonly mapping: Readonly<Record<string, string>>;
  readonly actor: string;
  readonly reason: string;
}

export interface MigrationAnswer extends MigrationOutlook {
  readonly fromVersion: number;
  readonly toVersion: number;
  /** Of the run's newest event; -1 when nothing was changed. */
  readonly position: number;
}

interface Looked extends MigrationAnswer {
  readonly migration: Migration;
  readonly values: CheckedValues;
}

/** While results come in, what was looked at is looked at again. */
const MAX_TRIES = 5;

/** Takes runs over to other versions of their workflows, or says what speaks against it. */
export class RunMigration {
  constructor(
    private readonly owner: RunOwner,
    private readonly plans: PlanCatalog,
    private readonly values: Pick<ValueStore, 'load'>,
  ) {}

  /** What would come of it; changes nothing. @throws TuttiError RUN_NOT_FOUND, WORKFLOW_NOT_FOUND */
  async look(request: MigrationRequest): Promise<MigrationAnswer> {
    const { migration: _, values: __, ...answer } = await this.lookAt(request);
    return answer;
  }

  /** @throws TuttiError RUN_NOT_FOUND, RUN_ENDED, WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_DRAINED, MIGRATION_REFUSED with every reason */
  async migrate(request: MigrationRequest): Promise<MigrationAnswer> {
    for (let tries = 1; ; tries++) {
      const { migration, values, ...answer } = await this.lookAt(request);
      const { to } = migration;
      if (answer.toVersion !== answer.fromVersion && this.plans.stateOf(to.plan.name).drained.has(answer.toVersion))
        throw drained(to.plan.name, answer.toVersion, 'and none that are migrated');
      const { actor, reason } = request;
      const command = {
        type: 'MigrateRun',
        ...migration,
        problemsOfValues: values.problems,
        checked: values.checked,
        actor,
        reason,
      } as const;
      try {
        const { position } = await this.owner.send(request.runId, command, { actor });
        return { ...answer, position };
      } catch (error) {
        if (!isTuttiError(error, 'REVISION_CONFLICT') || tries === MAX_TRIES) throw error;
      }
    }
  }

  private async lookAt({ runId, toVersion, mapping }: MigrationRequest): Promise<Looked> {
    const { state, plan } = await this.owner.settled(runId);
    const from = await this.version(state.workflow, state.workflowVersion);
    const migration = { from, to: await this.version(state.workflow, toVersion), mapping };
    const outlook = migrationOutlook(plan, state, migration);
    const values = await checkRecordedValues(this.values, state, migration);
    return {
      ...{ migration, values, fromVersion: state.workflowVersion, toVersion: migration.to.plan.version, position: -1 },
      ...{ added: outlook.added, dropped: outlook.dropped, problems: [...outlook.problems, ...values.problems] },
    };
  }

  private async version(workflow: string, version: number): Promise<DefinedVersion> {
    const plan = version === 0 ? this.plans.plan(workflow, 0) : await this.plans.recorded(workflow, version);
    return { plan, definition: this.plans.registered(workflow, plan.version).definition };
  }
}
