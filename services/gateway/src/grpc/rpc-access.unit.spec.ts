import { describe, expect, it } from '@jest/globals';
import { EventFeedServiceService } from '@tutti/contracts';
import { PERMISSIONS, PERMISSIONS_OF_ROLE, ROUTES, type Permission, type Role, type RouteAccess } from '@tutti/rest-contract';
import type { Principal } from '../access/principal.js';
import { loadOfCall } from '../limits/grpc-load.js';
import { PUBLIC_SERVICES } from './public-services.js';
import { checkMayCall, rpcAccess } from './rpc-access.js';

const served = [...PUBLIC_SERVICES.map(({ definition }) => definition), EventFeedServiceService].flatMap((definition) =>
  Object.values(definition).map(({ path }) => path as string),
);
const routes = new Map<string, RouteAccess>(ROUTES.map(({ id, access }) => [id, access]));

describe('what a call by gRPC needs', () => {
  it.each(served)('is said for %s', (path) => {
    expect(['signed-in', ...PERMISSIONS]).toContain(rpcAccess(path));
  });

  it('is what the route that does the same needs', () => {
    const both = served.map((path) => [path, routes.get(loadOfCall(path).route)] as const);
    const differing = both.filter(([path, access]) => access !== undefined && access !== 'signature' && access !== rpcAccess(path));
    expect(differing).toEqual([]);
    expect(both.filter(([, access]) => access !== undefined).length).toBeGreaterThan(30);
  });

  it.each([
    '/tutti.v1.RunService/Nothing',
    '/tutti.v1.Nothing/StartRun',
    '/',
    '',
    '/__proto__/toString',
    '/tutti.v1.RunService/constructor',
  ])('is nothing for "%s", which is no call', (path) => {
    expect(rpcAccess(path)).toBeNull();
  });

  it('is everything for a call that nobody put into the table', () => {
    const principalWith = (permissions: readonly Permission[]): Principal => ({
      ...{ actor: 'user:ann', credential: { kind: 'jwt', id: 'issuer' }, mayActAsOthers: false, expiresAtMs: null },
      permissions: new Set(permissions),
    });
    const call = (role: Role) => () => checkMayCall('/tutti.v1.RunService/NewCall', principalWith(PERMISSIONS_OF_ROLE[role]));
    expect(call('author')).toThrow('access:manage');
    expect(call('admin')).not.toThrow();
  });
});
