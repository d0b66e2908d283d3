import type { ServiceEvent } from '@tutti/contracts';
import { assertNever, canonicalJson, TuttiError, type Decider } from '@tutti/kernel';
import { evolveService, initialService, type InstanceDescription, type ServiceState } from './service.state.js';

export type ServiceCommand =
  | { readonly type: 'RegisterService'; readonly instance: InstanceDescription }
  | {
      readonly type: 'UpdateService';
      readonly id: string;
      readonly addresses: readonly string[];
      readonly metadata: Readonly<Record<string, string>>;
    }
  /** Changes nothing; refused for one that is not registered. */
  | { readonly type: 'RenewService'; readonly id: string }
  | { readonly type: 'DeregisterService'; readonly id: string }
  | { readonly type: 'ExpireService'; readonly id: string };

export const serviceDecider: Decider<ServiceCommand, ServiceState, ServiceEvent> = {
  initialState: initialService,
  decide,
  evolve: evolveService,
};

function decide(command: ServiceCommand, state: ServiceState): readonly ServiceEvent[] {
  switch (command.type) {
    case 'RegisterService':
      return register(command.instance, state);
    case 'UpdateService':
      return update(command, state);
    case 'RenewService':
      assertRegistered(command.id, state);
      return [];
    case 'DeregisterService':
      if (state.status === 'unknown') throw notFound(command.id);
      return state.status === 'gone' ? [] : [{ type: 'ServiceDeregistered', data: { id: command.id, because: 'requested' } }];
    case 'ExpireService':
      return state.status === 'registered' ? [{ type: 'ServiceDeregistered', data: { id: command.id, because: 'lease-expired' } }] : [];
    default:
      return assertNever(command, 'service command');
  }
}

function register(instance: InstanceDescription, state: ServiceState): readonly ServiceEvent[] {
  const registered: ServiceEvent = { type: 'ServiceRegistered', data: { ...instance } };
  if (state.status !== 'registered') return [registered];
  const { service, version, leaseMs } = state.instance;
  if (service !== instance.service || version !== instance.version || leaseMs !== instance.leaseMs) return [registered];
  const { id, addresses, metadata } = instance;
  return sameSurface(state.instance, instance) ? [] : [{ type: 'ServiceUpdated', data: { id, addresses, metadata } }];
}

function update(command: ServiceCommand & { type: 'UpdateService' }, state: ServiceState): readonly ServiceEvent[] {
  const { id, addresses, metadata } = command;
  assertRegistered(id, state);
  return sameSurface(state.instance, command) ? [] : [{ type: 'ServiceUpdated', data: { id, addresses, metadata } }];
}

/** @throws TuttiError SERVICE_NOT_FOUND, or LEASE_EXPIRED for one whose lease ran out */
function assertRegistered(id: string, state: ServiceState): asserts state is ServiceState & { status: 'registered' } {
  if (state.status === 'registered') return;
  if (state.status === 'gone' && state.because === 'lease-expired') {
    throw new TuttiError('LEASE_EXPIRED', `the lease of service instance ${id} ran out; register it again`);
  }
  throw notFound(id);
}

function notFound(id: string): TuttiError {
  return new TuttiError('SERVICE_NOT_FOUND', `service instance ${id} is not registered`);
}

type Surface = Pick<InstanceDescription, 'addresses' | 'metadata'>;

function sameSurface(one: Surface, other: Surface): boolean {
  return (
    canonicalJson({ addresses: one.addresses, metadata: one.metadata }) ===
    canonicalJson({ addresses: other.addresses, metadata: other.metadata })
  );
}
