import type { ServiceEvent } from '@tutti/contracts';

/** What an instance says of itself. */
export interface InstanceDescription {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly leaseMs: number;
}

export type ServiceState =
  | { readonly status: 'unknown' }
  | { readonly status: 'registered'; readonly instance: InstanceDescription }
  | { readonly status: 'gone'; readonly because: 'requested' | 'lease-expired' };

export function serviceStream(id: string): string {
  return `service-${id}`;
}

export const initialService = (): ServiceState => ({ status: 'unknown' });

export function evolveService(state: ServiceState, event: ServiceEvent): ServiceState {
  switch (event.type) {
    case 'ServiceRegistered':
      return { status: 'registered', instance: event.data };
    case 'ServiceUpdated': {
      if (state.status !== 'registered') return state;
      const { addresses, metadata } = event.data;
      return { status: 'registered', instance: { ...state.instance, addresses, metadata } };
    }
    case 'ServiceDeregistered':
      return { status: 'gone', because: event.data.because };
    default:
      return state;
  }
}
