import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SERVICE_LEASES, SERVICE_STREAMS } from '../registry.tokens.js';
import type { Lease, Leases } from './leases.js';
import type { ServiceStreams } from './service-streams.js';
import type { InstanceDescription } from './service.state.js';

/** Position of the instance's last event. */
interface ServiceChange {
  readonly position: number;
}

export class RegisterServiceCommand extends Command<ServiceChange> {
  constructor(
    readonly instance: InstanceDescription,
    readonly actor: string,
  ) {
    super();
  }
}

export class RenewServiceCommand extends Command<Lease> {
  constructor(
    readonly id: string,
    readonly healthy: boolean,
  ) {
    super();
  }
}

export class UpdateServiceCommand extends Command<ServiceChange> {
  constructor(
    readonly id: string,
    readonly surface: Pick<InstanceDescription, 'addresses' | 'metadata'>,
    readonly actor: string,
  ) {
    super();
  }
}

export class DeregisterServiceCommand extends Command<ServiceChange> {
  constructor(
    readonly id: string,
    readonly actor: string,
  ) {
    super();
  }
}

@CommandHandler(RegisterServiceCommand)
export class RegisterServiceHandler implements ICommandHandler<RegisterServiceCommand> {
  constructor(@Inject(SERVICE_STREAMS) private readonly streams: ServiceStreams) {}

  execute({ instance, actor }: RegisterServiceCommand): Promise<ServiceChange> {
    return this.streams.apply(instance.id, { type: 'RegisterService', instance }, actor, 'granted');
  }
}

@CommandHandler(RenewServiceCommand)
export class RenewServiceHandler implements ICommandHandler<RenewServiceCommand> {
  constructor(
    @Inject(SERVICE_STREAMS) private readonly streams: ServiceStreams,
    @Inject(SERVICE_LEASES) private readonly leases: Leases,
  ) {}

  async execute({ id, healthy }: RenewServiceCommand): Promise<Lease> {
    const renewed = this.leases.renew(id, healthy);
    if (renewed !== null) return renewed;
    // Nothing in memory: what is recorded says whether it never was, has expired, or has yet to get its lease from this registry.
    const { state } = await this.streams.apply(id, { type: 'RenewService', id }, 'service:registry', 'kept');
    const leaseMs = state.status === 'registered' ? state.instance.leaseMs : 0;
    return this.leases.renew(id, healthy) ?? this.leases.grant(id, leaseMs);
  }
}

@CommandHandler(UpdateServiceCommand)
export class UpdateServiceHandler implements ICommandHandler<UpdateServiceCommand> {
  constructor(@Inject(SERVICE_STREAMS) private readonly streams: ServiceStreams) {}

  execute({ id, surface, actor }: UpdateServiceCommand): Promise<ServiceChange> {
    return this.streams.apply(id, { type: 'UpdateService', id, ...surface }, actor, 'kept');
  }
}

@CommandHandler(DeregisterServiceCommand)
export class DeregisterServiceHandler implements ICommandHandler<DeregisterServiceCommand> {
  constructor(@Inject(SERVICE_STREAMS) private readonly streams: ServiceStreams) {}

  execute({ id, actor }: DeregisterServiceCommand): Promise<ServiceChange> {
    return this.streams.apply(id, { type: 'DeregisterService', id }, actor, 'released');
  }
}
