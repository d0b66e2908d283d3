import type { ServiceEvent } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface ServiceDocument extends JsonObject {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly leaseMs: number;
  readonly status: 'registered' | 'expired' | 'deregistered';
  readonly registeredAt: string;
  readonly changedAt: string;
}

/** One document per instance, by id. Whether a registered one is healthy, and until when, is telemetry: the leases know it. */
export const servicesProjection: Projection<ServiceDocument> = {
  name: 'services',
  version: 1,
  indexes: [['status', 'service']],
  handles: { categories: ['service'] },
  keys: (event) => [event.stream.slice('service-'.length)],
  evolve: evolveDocument,
};

function evolveDocument(document: ServiceDocument | null, recorded: RecordedEvent): ServiceDocument | null {
  const event = { type: recorded.type, data: recorded.data } as ServiceEvent;
  switch (event.type) {
    case 'ServiceRegistered':
      return { ...event.data, status: 'registered', registeredAt: recorded.time, changedAt: recorded.time };
    case 'ServiceUpdated':
      return document === null
        ? null
        : { ...document, addresses: event.data.addresses, metadata: event.data.metadata, changedAt: recorded.time };
    case 'ServiceDeregistered':
      return document === null
        ? null
        : { ...document, status: event.data.because === 'requested' ? 'deregistered' : 'expired', changedAt: recorded.time };
    default:
      return document;
  }
}
