import type { Tracer } from '@tutti/service-kit';
import type { Finding } from '@tutti/service-process';
import type { Access } from './access/access.js';
import type { Authenticator } from './access/authenticator.js';
import type { CredentialWatch } from './access/credential-watch.js';
import type { Door } from './door/door.js';
import type { KnownRoutes } from './door/known-routes.js';
import type { GatewayConfig } from './gateway.config.js';
import type { HealthState } from './health/health-state.js';
import type { DoorLimits } from './limits/door-limits.js';

/** What the HTTP side below Nest and the providers above it share. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  /** Of Tutti. */
  readonly version: string;
  readonly door: Door;
  readonly access: Access;
  /** Of `access`, behind the limits. */
  readonly authenticator: Authenticator;
  /** For what stays open after it was let in. */
  readonly credentialWatch: CredentialWatch;
  readonly routes: KnownRoutes;
  readonly health: HealthState;
  readonly limits: DoorLimits;
  readonly tracer: Tracer;
}

export const GATEWAY_PARTS = Symbol('GatewayParts');

export interface DoctorCheck extends Finding {
  readonly name: string;
}

export type DoctorChecks = () => Promise<readonly DoctorCheck[]>;

/** The composition root provides the checks: it alone knows the parts that can be checked. */
export const DOCTOR_CHECKS = Symbol('DoctorChecks');
