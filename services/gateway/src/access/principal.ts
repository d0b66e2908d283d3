import { TuttiError } from '@tutti/kernel';
import { PERMISSIONS_OF_ROLE, ROLES, type Permission } from '@tutti/rest-contract';

export interface Credential {
  readonly kind: 'install-token' | 'api-key' | 'jwt' | 'session' | 'service-token';
  /** Names the credential without giving it away. */
  readonly id: string;
  /** Which of a key’s secrets it is, counted from 1; left out where there is but one. */
  readonly generation?: number;
}

/** Who asks, as far as the door found out. */
export interface Principal {
  /** Recorded with every change it makes, like `user:ann` or `key:deploy`. */
  readonly actor: string;
  readonly credential: Credential;
  readonly permissions: ReadonlySet<Permission>;
  /** Whether it may name another as the actor (`Tutti-Actor`). */
  readonly mayActAsOthers: boolean;
  /** Milliseconds since the epoch; null for never. It may end sooner: see `CredentialWatch`. */
  readonly expiresAtMs: number | null;
}

/** @throws TuttiError PERMISSION_DENIED */
export function checkPermission(principal: Principal, permission: Permission): void {
  if (principal.permissions.has(permission)) return;
  throw new TuttiError(
    'PERMISSION_DENIED',
    `${principal.actor} needs the permission ${permission}, which its ${principal.credential.kind} does not give`,
    { details: { permission } },
  );
}

/**
 * Whether the principal may make changes in that name. None names a service: what services do is the system's own, which the audit leaves out.
 */
export function mayActAs(principal: Pick<Principal, 'actor' | 'mayActAsOthers'>, actor: string): boolean {
  return actor === principal.actor || (principal.mayActAsOthers && !actor.startsWith('service:'));
}

/** The role with exactly these permissions; empty for none. */
export function roleOf(permissions: ReadonlySet<Permission>): string {
  const isSame = (of: readonly Permission[]): boolean => of.length === permissions.size && of.every((each) => permissions.has(each));
  return ROLES.find((role) => isSame(PERMISSIONS_OF_ROLE[role])) ?? '';
}
