import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, TOKEN, type TestGateway } from '../../services/gateway/src/testing/test-gateway.js';
import type { ApiDocument } from './api-document.js';
import { neverTaken, walkRoutes } from './walk-routes.js';

/** Set it to send the requests of an earlier run again; every failure prints it. */
const SEED = Number(process.env['CONTRACT_SEED'] ?? 20_260_101);

/** What the schemas alone cannot make. */
const NOT_TAKEN = ['followFeed'];

describe('the routes of the document, with fixed answers behind them', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ maxBodyBytes: 262_144 });
    await gateway.append('run-r-1', 'RunCancelled');
  });
  afterAll(() => gateway.stop());

  it('answer good and bad requests as the document says', async () => {
    const document = (await gateway.call('GET', '/openapi.json')).json as unknown as ApiDocument;
    const walked = await walkRoutes({ url: gateway.url, token: TOKEN, seed: SEED, good: 12, bad: 24, document });
    expect({ seed: SEED, faults: walked.faults }).toEqual({ seed: SEED, faults: [] });
    expect({ seed: SEED, never: neverTaken(walked) }).toEqual({ seed: SEED, never: NOT_TAKEN });
  }, 60_000);
});
