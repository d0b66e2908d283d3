import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HealthServer } from './health-server.js';

describe('health by HTTP', () => {
  let away: string[];
  let server: HealthServer;
  let url: string;
  beforeEach(async () => {
    away = [];
    server = new HealthServer({
      get away() {
        return away;
      },
    });
    const port = await freePort();
    await server.listen({ host: '127.0.0.1', port });
    url = `http://127.0.0.1:${port}/health`;
  });
  afterEach(() => server.close());

  const get = async (path: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(`${url}/${path}`);
    return [response.status, await response.json()];
  };

  it('says that a process lives before it serves, and that it is not ready', async () => {
    expect(await get('live')).toEqual([200, { status: 'alive' }]);
    expect(await get('ready')).toEqual([503, { status: 'unready', reasons: ['the process is starting'] }]);
  });

  it('is ready while it serves and nothing is away', async () => {
    server.set('serving');
    expect(await get('ready')).toEqual([200, { status: 'ready', reasons: [] }]);
    away = ['Kafka', 'MongoDB'];
    expect(await get('ready')).toEqual([503, { status: 'unready', reasons: ['Kafka is away', 'MongoDB is away'] }]);
    expect((await get('live'))[0]).toBe(200);
  });

  it('stays ready in trouble that is none of its own, and says what it is', async () => {
    let trouble: string | null = null;
    server.watch(() => trouble);
    server.set('serving');
    expect(await get('ready')).toEqual([200, { status: 'ready', reasons: [] }]);
    trouble = 'nothing is published';
    expect(await get('ready')).toEqual([200, { status: 'degraded', reasons: ['nothing is published'] }]);
    away = ['Kafka'];
    expect(await get('ready')).toEqual([503, { status: 'unready', reasons: ['Kafka is away', 'nothing is published'] }]);
  });

  it('knows no other path', async () => {
    expect((await get('else'))[0]).toBe(404);
  });

  it('is refused with INVALID_CONFIG where another listens', async () => {
    const port = Number(new URL(url).port);
    await expect(new HealthServer({ away }).listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
