import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SetVariablesResponse, StoredValue } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import { VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { RunOwner } from '../owner/run-owner.js';

export class SetVariables extends Command<SetVariablesResponse> {
  constructor(readonly request: { readonly runId: string; readonly values: JsonObject; readonly actor: string; readonly reason: string }) {
    super();
  }
}

@CommandHandler(SetVariables)
export class SetVariablesHandler implements ICommandHandler<SetVariables> {
  constructor(
    @Inject(RunOwner) private readonly owner: RunOwner,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
  ) {}

  async execute({ request }: SetVariables): Promise<SetVariablesResponse> {
    const { runId, actor, reason } = request;
    const values: Record<string, StoredValue> = {};
    for (const [name, value] of Object.entries(request.values)) values[name] = await this.values.store(value);
    const { position } = await this.owner.send(runId, { type: 'SetVariables', values, actor, reason }, { actor });
    return { position };
  }
}
