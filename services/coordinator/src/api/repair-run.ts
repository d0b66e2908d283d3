import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RepairRunResponse, StoredValue } from '@tutti/contracts';
import type { JsonObject, Runtime } from '@tutti/kernel';
import { RUNTIME, VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { RunOwner } from '../owner/run-owner.js';

export class RepairRun extends Command<RepairRunResponse> {
  constructor(
    readonly request: {
      readonly runId: string;
      readonly repairId: string;
      readonly failedSteps: boolean;
      readonly steps: readonly string[];
      readonly inputs: JsonObject;
      readonly outputs: JsonObject;
      readonly actor: string;
      readonly reason: string;
    },
  ) {
    super();
  }
}

@CommandHandler(RepairRun)
export class RepairRunHandler implements ICommandHandler<RepairRun> {
  constructor(
    @Inject(RunOwner) private readonly owner: RunOwner,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  async execute({ request }: RepairRun): Promise<RepairRunResponse> {
    const { runId, failedSteps, steps, actor, reason } = request;
    const repairId = request.repairId === '' ? this.runtime.ids.next() : request.repairId;
    const { events, position } = await this.owner.send(
      runId,
      {
        ...{ type: 'RepairRun', repairId, steps: failedSteps ? null : steps, actor, reason },
        ...{ inputs: await this.stored(request.inputs), outputs: await this.stored(request.outputs) },
      },
      { actor },
    );
    const repaired = events.find((event) => event.type === 'RunRepaired');
    return { position, steps: repaired === undefined ? [] : [...repaired.data.steps] };
  }

  private async stored(values: JsonObject): Promise<Record<string, StoredValue>> {
    const stored: Record<string, StoredValue> = {};
    for (const [step, value] of Object.entries(values)) stored[step] = await this.values.store(value);
    return stored;
  }
}
