import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { MigrateRunResponse } from '@tutti/contracts';
import { VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { RunOwner } from '../owner/run-owner.js';
import { RunMigration, type MigrationRequest } from '../versions/run-migration.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';

export class MigrateRunCommand extends Command<MigrateRunResponse> {
  constructor(readonly request: MigrationRequest & { readonly dryRun: boolean }) {
    super();
  }
}

@CommandHandler(MigrateRunCommand)
export class MigrateRunHandler implements ICommandHandler<MigrateRunCommand> {
  private readonly migration: RunMigration;

  constructor(@Inject(RunOwner) owner: RunOwner, @Inject(PlanCatalog) plans: PlanCatalog, @Inject(VALUE_STORE) values: ValueStore) {
    this.migration = new RunMigration(owner, plans, values);
  }

  async execute({ request }: MigrateRunCommand): Promise<MigrateRunResponse> {
    const answer = request.dryRun ? await this.migration.look(request) : await this.migration.migrate(request);
    return { ...answer, position: Math.max(answer.position, 0) };
  }
}
