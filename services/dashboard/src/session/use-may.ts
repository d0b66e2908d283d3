import type { RouteDefinition } from '@tutti/rest-contract';
import { useSession } from './session-context.js';

const OPEN: readonly RouteDefinition['access'][] = ['anyone', 'signed-in', 'signature'];

/** Why whoever is signed in may not ask this of the API; null when they may. */
export function useRefusal({ access }: Pick<RouteDefinition, 'access'>): string | null {
  const { caller } = useSession();
  if (OPEN.includes(access) || caller.permissions.has(access)) return null;
  return `${caller.actor}${caller.role === '' ? '' : `, as ${caller.role},`} lacks the permission ${access}`;
}
