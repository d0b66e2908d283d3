import type { LoadClass, RouteAccess, RouteDefinition } from '@tutti/rest-contract';

/** What the door knows of a route before the request's body is read; it stands in the route's `config`. */
export interface GatewayRouteConfig {
  /** As OpenAPI names it; empty for what is no part of the API. */
  readonly id: string;
  readonly access: RouteAccess;
  readonly load: LoadClass;
  /** Media types its body may have. */
  readonly bodyTypes: readonly string[];
}

const JSON_ONLY = ['application/json'];

export function configOf({
  id = '',
  access,
  load,
  bodyTypes = JSON_ONLY,
}: Pick<RouteDefinition, 'access' | 'load' | 'bodyTypes'> & Partial<Pick<RouteDefinition, 'id'>>): GatewayRouteConfig {
  return { id, access, load, bodyTypes };
}

/** What is looked for at an address that nobody serves is told to nobody without a credential. */
export const UNKNOWN_ROUTE: GatewayRouteConfig = configOf({ access: 'signed-in', load: 'read' });
