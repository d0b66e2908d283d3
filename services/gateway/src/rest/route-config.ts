import type { LoadClass, RouteAccess, RouteDefinition } from '@tutti/rest-contract';

/** What the door knows of a route before the request's body is read; it stands in the route's `config`. */
export interface GatewayRouteConfig {
  /** As OpenAPI names it; empty for what is no part of the API. */
  readonly id: string;
  readonly access: RouteAccess;
  readonly load: LoadClass;
  /** Media types its body may have. */
  readonly bodyTypes: readonly string[];
  /** Whether its answers name their content. */
  readonly hasEtag: boolean;
  /** Whether its answer stays open by its nature. */
  readonly isStream: boolean;
}

const JSON_ONLY = ['application/json'];

export function configOf({
  id = '',
  access,
  load,
  bodyTypes = JSON_ONLY,
  answers = {},
}: Pick<RouteDefinition, 'access' | 'load' | 'bodyTypes'> & Partial<Pick<RouteDefinition, 'id' | 'answers'>>): GatewayRouteConfig {
  const hasEtag = Object.values(answers).some(({ headers = [] }) => headers.includes('ETag'));
  const isStream = Object.values(answers).some(({ contentType }) => contentType === 'text/event-stream');
  return { id, access, load, bodyTypes, hasEtag, isStream };
}

/** What is looked for at an address that nobody serves is told to nobody without a credential. */
export const UNKNOWN_ROUTE: GatewayRouteConfig = configOf({ access: 'signed-in', load: 'read' });

/** A route that says nothing of who may ask is for those who may do everything. */
export const CLOSED_ROUTE: GatewayRouteConfig = configOf({ access: 'access:manage', load: 'read' });
