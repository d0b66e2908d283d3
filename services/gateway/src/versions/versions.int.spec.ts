import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('versions over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.fail(null);
  });

  it('are listed with their shares and open runs', async () => {
    expect(await gateway.call('GET', '/v1/workflows/greet/versions?minPosition=4')).toMatchObject({
      status: 200,
      json: { versions: [{ version: 2, share: 10, openRuns: 3, drained: false }], rules: [{ version: 2, share: 10 }] },
    });
    expect(gateway.services.calls).toEqual([{ method: 'listWorkflowVersions', request: { name: 'greet', minPosition: 4 } }]);
  });

  it('are rolled out by share and by label', async () => {
    const rules = [
      { version: 3, labels: { team: 'platform' } },
      { version: 3, share: 12.5 },
    ];
    const answer = await gateway.call('PUT', '/v1/workflows/greet/rollout', { json: { rules, reason: 'a try' } });
    expect(answer).toMatchObject({ status: 200, json: { changed: true, position: 4 } });
    expect(gateway.services.calls).toEqual([
      {
        method: 'changeRollout',
        request: { name: 'greet', reason: 'a try', actor: 'user:local', rules: [rules[0], { version: 3, share: 12.5, labels: {} }] },
      },
    ]);
  });

  it.each([
    ['a share over 100', { rules: [{ version: 1, share: 101 }] }, 'rules.0.share'],
    ['a version that is none', { rules: [{ version: 0, share: 1 }] }, 'rules.0.version'],
    ['no rules at all', {}, 'rules'],
    ['an unknown member', { rules: [], share: 3 }, 'share'],
  ])('are not rolled out by %s', async (_, body, path) => {
    const answer = await gateway.call('PUT', '/v1/workflows/greet/rollout', { json: body });
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST', details: { problems: [{ path }] } } });
    expect(gateway.services.calls).toEqual([]);
  });

  it('are drained and restored', async () => {
    expect(await gateway.call('POST', '/v1/workflows/greet/versions/1/drain', { json: { reason: 'old' } })).toMatchObject({
      json: { changed: true },
    });
    expect(await gateway.call('POST', '/v1/workflows/greet/versions/1/restore')).toMatchObject({ status: 200, json: { changed: false } });
    const request = { name: 'greet', version: 1, actor: 'user:local' };
    expect(gateway.services.calls).toEqual([
      { method: 'drainWorkflowVersion', request: { ...request, reason: 'old' } },
      { method: 'restoreWorkflowVersion', request: { ...request, reason: '' } },
    ]);
  });

  it('are what a run is migrated to, with every reason when it is refused', async () => {
    const body = { toVersion: 2, mapping: { draft: 'write' }, dryRun: true };
    expect(await gateway.call('POST', '/v1/runs/r-1/migrate', { json: body })).toMatchObject({
      status: 200,
      json: { fromVersion: 1, added: ['publish'] },
    });
    expect(gateway.services.calls).toEqual([{ method: 'migrateRun', request: { runId: 'r-1', ...body, reason: '', actor: 'user:local' } }]);
    const problems = ['step "a" is under way, and version 2 changes its gates'];
    gateway.services.fail(new TuttiError('MIGRATION_REFUSED', 'run r-1 cannot go on', { details: { problems } }));
    expect(await gateway.call('POST', '/v1/runs/r-1/migrate', { json: {} })).toMatchObject({
      status: 409,
      json: { code: 'MIGRATION_REFUSED', details: { problems } },
    });
  });
});
