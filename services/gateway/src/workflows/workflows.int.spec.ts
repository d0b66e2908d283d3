import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { send } from '../testing/http-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

const YAML = 'name: greet\nsteps: {}\n';

describe('workflows over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.fail(null);
    gateway.services.repeat(false);
  });

  const post = (path: string, body: string, type = 'application/yaml') =>
    send(gateway.url, path, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type, 'tutti-actor': 'demo' },
      body,
    });

  it.each(['application/yaml', 'text/yaml', 'application/x-yaml; charset=utf-8', 'application/json'])(
    'registers the very text of %s',
    async (type) => {
      const answer = await post('/v1/workflows', YAML, type);
      expect(answer).toMatchObject({
        status: 201,
        headers: { location: '/v1/workflows/greet?version=2' },
        json: { workflow: { name: 'greet' }, created: true, position: 3 },
      });
      expect(gateway.services.calls).toEqual([{ method: 'registerWorkflow', request: { source: YAML, actor: 'demo' } }]);
    },
  );

  it('answers 200 when the newest version says the same', async () => {
    gateway.services.repeat(true);
    expect(await post('/v1/workflows', YAML)).toMatchObject({ status: 200, json: { created: false } });
  });

  it('passes on every problem of a definition with its line', async () => {
    const problems = [{ line: 2, column: 1, path: '/steps', message: 'expected at least one step' }];
    gateway.services.fail(new TuttiError('DEFINITION_INVALID', 'greet has 1 problem', { details: { problems } }));
    expect(await post('/v1/workflows', YAML)).toMatchObject({ status: 400, json: { code: 'DEFINITION_INVALID', details: { problems } } });
  });

  it('says the problems of a definition without storing it', async () => {
    expect(await post('/v1/workflows/validate', YAML)).toMatchObject({
      status: 200,
      json: { problems: [{ line: 1, column: 2, path: '/steps' }] },
    });
    expect(gateway.services.calls).toEqual([{ method: 'validateWorkflow', request: { source: YAML } }]);
  });

  it('refuses an empty definition', async () => {
    expect(await post('/v1/workflows', '')).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST', detail: 'the body is empty' } });
  });

  it('gives one version and lists them without their sources', async () => {
    expect(await gateway.call('GET', '/v1/workflows/greet?version=2')).toMatchObject({
      status: 200,
      json: { workflow: { name: 'greet', source: 'name: greet' } },
    });
    const list = await gateway.call('GET', '/v1/workflows?pageSize=1000');
    expect(list).toMatchObject({ status: 200, json: { workflows: [{ name: 'greet' }], nextPageToken: '' } });
    expect(list.text).not.toContain('source');
    expect(gateway.services.calls.map(({ request }) => request)).toEqual([
      { name: 'greet', version: 2, minPosition: 0 },
      { pageSize: 1000, pageToken: '', minPosition: 0 },
    ]);
  });

  it('publishes the schema of definitions', async () => {
    expect(await gateway.call('GET', '/v1/schemas/workflow')).toMatchObject({
      status: 200,
      json: { title: 'Tutti workflow', type: 'object' },
    });
  });
});
