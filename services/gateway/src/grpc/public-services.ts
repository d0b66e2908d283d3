import { AccessServiceService } from '@tutti/contracts';
import { COORDINATOR_CONTRACTS, REGISTRY_CONTRACTS, type ServedContract } from '@tutti/service-kit';
import { ACCESS_SERVICE } from '../access/access.api.js';

/** What callers from outside may use by gRPC, besides the feed of events. */
export const PUBLIC_SERVICES: readonly ServedContract[] = [
  ...COORDINATOR_CONTRACTS,
  ...REGISTRY_CONTRACTS,
  { definition: AccessServiceService, token: ACCESS_SERVICE },
];

/** `tutti.v1.RunService`. */
export function serviceName(definition: Readonly<Record<string, { readonly path: string }>>): string {
  return Object.values(definition)[0]?.path.split('/')[1] ?? '';
}
