import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, TOKEN, type TestGateway } from '../../services/gateway/src/testing/test-gateway.js';
import type { ApiDocument } from './api-document.js';
import type { KnownValues } from './generated-requests.js';
import { neverTaken, walkRoutes } from './walk-routes.js';

/** Set it to send the requests of an earlier run again; every failure prints it. */
const SEED = Number(process.env['CONTRACT_SEED'] ?? 20_260_101);

/** What no request made from schemas comes to: times of a schedule, a dead letter that there is, and what only a WebSocket is answered. */
const NOT_TAKEN = ['createSchedule', 'changeSchedule', 'followFeed', 'getDeadLetter', 'replayDeadLetter', 'discardDeadLetter'];

describe('the routes of the document, with fixed answers behind them', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ maxBodyBytes: 262_144 });
    await gateway.append('run-r-1', 'RunCancelled');
  });
  afterAll(() => gateway.stop());

  it('answer good and bad requests as the document says', async () => {
    const document = (await gateway.call('GET', '/openapi.json')).json as unknown as ApiDocument;
    const made = (await gateway.call('POST', '/v1/access/keys', { json: { name: 'reader', role: 'viewer' } })).json;
    const key = made['key'] as { readonly id: string };
    const known: KnownValues = ({ path }, { name }) => (name !== 'id' ? [] : path.includes('/keys/') ? [key.id] : ['r-1']);
    const walked = await walkRoutes({ url: gateway.url, token: TOKEN, seed: SEED, good: 12, bad: 24, document, known });
    expect({ seed: SEED, faults: walked.faults }).toEqual({ seed: SEED, faults: [] });
    expect({ seed: SEED, never: [...neverTaken(walked)].sort() }).toEqual({ seed: SEED, never: [...NOT_TAKEN].sort() });
  }, 60_000);
});
