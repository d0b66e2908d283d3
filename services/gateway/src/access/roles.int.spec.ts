import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PERMISSIONS, PERMISSIONS_OF_ROLE, ROLES, ROUTES, type RouteDefinition } from '@tutti/rest-contract';
import { aKey, callerWith } from '../testing/bearer.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const guarded = ROUTES.filter(({ access }) => (PERMISSIONS as readonly string[]).includes(access));

let gateway: TestGateway;
const tokens = new Map<string, string>();
beforeAll(async () => {
  gateway = await startTestGateway();
  for (const role of ROLES) tokens.set(role, (await aKey(gateway, { name: role, role })).secret);
});
afterAll(() => gateway.stop());

const pathOf = ({ path }: RouteDefinition): string => path.replaceAll(/\{\w+\}/g, 'x');

describe('the roles', () => {
  it('each may do what the one before may, and more', () => {
    for (const [index, role] of ROLES.entries()) {
      const before = ROLES[index - 1];
      if (before === undefined) continue;
      expect(PERMISSIONS_OF_ROLE[role]).toEqual(expect.arrayContaining([...PERMISSIONS_OF_ROLE[before]]));
      expect(PERMISSIONS_OF_ROLE[role].length).toBeGreaterThan(PERMISSIONS_OF_ROLE[before].length);
    }
  });

  it('are asked for by more than forty routes', () => {
    expect(guarded.length).toBeGreaterThan(40);
  });

  it.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is refused to every role without its permission',
    async (_, route) => {
      for (const role of ROLES) {
        const may = (PERMISSIONS_OF_ROLE[role] as readonly string[]).includes(route.access);
        // What is let in ends at its parameters or body, or at a fake: here only the door counts.
        if (may) continue;
        const answer = await callerWith(gateway, tokens.get(role) ?? '')(
          route.method,
          pathOf(route),
          route.method === 'GET' ? {} : { json: {} },
        );
        expect([role, answer]).toMatchObject([
          role,
          { status: 403, json: { code: 'PERMISSION_DENIED', details: { permission: route.access } } },
        ]);
      }
      expect(gateway.services.calls).toEqual([]);
    },
  );

  it.each(
    ROUTES.filter(({ access }) => access !== 'anyone' && access !== 'signature').map(
      (route) => [`${route.method} ${route.path}`, route] as const,
    ),
  )('%s is refused to who has no credential', async (_, route) => {
    const answer = await callerWith(gateway, 'nobodys-token-0123456789')(route.method, pathOf(route));
    expect([401, 429]).toContain(answer.status);
  });
});
