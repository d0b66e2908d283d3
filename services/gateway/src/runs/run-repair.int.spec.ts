import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('repairs of runs over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
  });
  const common = { runId: 'r-1', repairId: 'key-1', actor: expect.any(String) };
  const headers = { 'idempotency-key': 'key-1' };

  it('retries what failed, with other input', async () => {
    const answer = await gateway.call('POST', '/v1/runs/r-1/retry', { json: { inputs: { draft: { x: 1 } }, reason: 'why' }, headers });
    expect(answer).toMatchObject({ status: 200, json: { position: 8, steps: ['draft'] } });
    const request = { ...common, failedSteps: true, steps: [], inputs: { draft: { x: 1 } }, outputs: {}, reason: 'why' };
    expect(gateway.services.calls).toEqual([{ method: 'repairRun', request }]);
  });

  it('goes back to steps', async () => {
    await gateway.call('POST', '/v1/runs/r-1/reset', { json: { steps: ['draft', 'review'] }, headers });
    const request = { ...common, failedSteps: false, steps: ['draft', 'review'], inputs: {}, outputs: {}, reason: '' };
    expect(gateway.services.calls).toEqual([{ method: 'repairRun', request }]);
  });

  it('takes a step for done', async () => {
    await gateway.call('POST', '/v1/runs/r-1/steps/draft/skip', { json: { output: { ok: true } }, headers });
    const request = { ...common, failedSteps: false, steps: [], inputs: {}, outputs: { draft: { ok: true } }, reason: '' };
    expect(gateway.services.calls).toEqual([{ method: 'repairRun', request }]);
  });

  it('refuses a reset to nothing', async () => {
    expect(await gateway.call('POST', '/v1/runs/r-1/reset', { json: { steps: [] } })).toMatchObject({ status: 400 });
    expect(gateway.services.calls).toEqual([]);
  });
});
