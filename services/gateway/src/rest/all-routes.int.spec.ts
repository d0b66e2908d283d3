import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '@tutti/rest-contract';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

/** Files for people with a browser, no part of the API. */
const FILES = /^\w+ \/docs(?:\/|$)/;

describe('the routes of the gateway', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('are those of the contract, all of them and no other', () => {
    const { routes } = gateway.app.get<GatewayParts>(GATEWAY_PARTS);
    const served = routes.all().filter((route) => !route.startsWith('HEAD ') && !FILES.test(route));
    const agreed = ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`).sort();
    expect(served).toEqual(agreed);
  });

  it('have names of their own', () => {
    const ids = ROUTES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
