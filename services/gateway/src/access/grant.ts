import type { AccessGrant } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { PERMISSIONS, PERMISSIONS_OF_ROLE, ROLES, type Permission } from '@tutti/rest-contract';
import type { Principal } from './principal.js';

/** What a recorded grant allows today. Names that this version does not know allow nothing. */
export function permissionsOf({ role, permissions }: AccessGrant): ReadonlySet<Permission> {
  const known = ROLES.find((each) => each === role);
  return new Set(known === undefined ? PERMISSIONS.filter((permission) => permissions.includes(permission)) : PERMISSIONS_OF_ROLE[known]);
}

/**
 * Nobody hands on more than they have.
 *
 * @throws TuttiError PERMISSION_DENIED
 */
export function checkMayGrant(principal: Principal, grant: AccessGrant): void {
  const lacking = [...permissionsOf(grant)].filter((permission) => !principal.permissions.has(permission));
  if (lacking.length === 0) return;
  throw new TuttiError('PERMISSION_DENIED', `${principal.actor} cannot hand on ${lacking.join(', ')}, which it does not have itself`, {
    details: { permission: lacking[0] ?? '' },
  });
}
