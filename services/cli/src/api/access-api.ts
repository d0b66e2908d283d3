import * as routes from '@tutti/rest-contract';
import type { RouteCaller } from './call-route.js';

export interface NewKey {
  readonly name: string;
  readonly role?: string;
  readonly permissions?: readonly string[];
  readonly expiresAt?: string;
}

/** Who asks, and API keys. What answers a secret is not repeated: a lost answer would leave a key behind that nobody has. */
export function accessOperations({ call, list }: RouteCaller) {
  return {
    caller: () => call(routes.getCaller),
    listKeys: (includeRevoked: boolean, limit?: number) =>
      list(routes.listKeys, 'keys', { query: { includeRevoked: includeRevoked ? 'true' : undefined } }, limit),
    getKey: (id: string) => call(routes.getKey, { params: { id } }),
    createKey: (key: NewKey) => call(routes.createKey, { body: key, repeatable: false }),
    rotateKey: (id: string, overlapSeconds: number | undefined) =>
      call(routes.rotateKey, { params: { id }, body: overlapSeconds === undefined ? {} : { overlapSeconds }, repeatable: false }),
    revokeKey: (id: string, reason: string | undefined) =>
      call(routes.revokeKey, { params: { id }, body: reason === undefined ? {} : { reason } }),
  };
}
