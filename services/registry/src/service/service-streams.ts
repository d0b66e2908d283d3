import { serviceEvents, type ServiceEvent } from '@tutti/contracts';
import { handleCommand, type CommandOutcome, type EventStore } from '@tutti/event-store';
import type { Ids } from '@tutti/kernel';
import { registryEvent } from '../registry-event.js';
import { KeyedQueue } from '../request/keyed-queue.js';
import { serviceDecider, type ServiceCommand } from './service.decider.js';
import { serviceStream, type ServiceState } from './service.state.js';
import type { Leases } from './leases.js';

type Outcome = CommandOutcome<ServiceState, ServiceEvent>;

/**
 * Changes to instances together with their leases. Per instance one after the other: a lease that runs out while its instance registers
 * anew would otherwise take out what has just come back.
 */
export class ServiceStreams {
  private readonly queue = new KeyedQueue();

  constructor(
    private readonly store: EventStore,
    private readonly ids: Ids,
    readonly leases: Leases,
  ) {}

  /** @param leased what becomes of the lease once the command is durable */
  apply(id: string, command: ServiceCommand, actor: string, leased: 'granted' | 'kept' | 'released'): Promise<Outcome> {
    return this.queue.run(id, async () => {
      const outcome = await this.handle(id, command, actor);
      if (leased === 'released') this.leases.release(id);
      else if (outcome.state.status === 'registered' && (leased === 'granted' || this.leases.get(id) === null))
        this.leases.grant(id, outcome.state.instance.leaseMs);
      return outcome;
    });
  }

  /** Does nothing for an instance that has got a lease meanwhile. */
  expire(id: string): Promise<void> {
    return this.queue.run(id, async () => {
      if (this.leases.get(id) === null) await this.handle(id, { type: 'ExpireService', id }, 'service:registry');
    });
  }

  private handle(id: string, command: ServiceCommand, actor: string): Promise<Outcome> {
    return handleCommand(this.store, {
      stream: serviceStream(id),
      decider: serviceDecider,
      command,
      encode: (event) => registryEvent(this.ids, serviceEvents, event, actor),
      decode: (recorded) => ({ type: recorded.type, data: recorded.data }) as ServiceEvent,
    });
  }
}
