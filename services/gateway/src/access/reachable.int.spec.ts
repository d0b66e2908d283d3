import { describe, expect, it } from '@jest/globals';
import { aKey } from '../testing/bearer.js';
import { startTestGateway } from '../testing/test-gateway.js';

const elsewhere = { host: '0.0.0.0' };

describe('listening on an address that other machines reach', () => {
  it.each(['0.0.0.0', '::', '192.0.2.5', 'tutti.example.com', '127.0.0.1.example.com'])(
    'is refused on %s without credentials of one’s own, and it says how to mend it',
    async (host) => {
      await expect(startTestGateway({ host })).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        message: expect.stringMatching(/gateway\.token \(TUTTI_GATEWAY__TOKEN\).*gateway\.auth\.jwt.*API key/),
      });
    },
  );

  it('is allowed with a token that was configured, or an issuer of JWTs', async () => {
    for (const config of [{ token: 'configured-token-1' }, { auth: { jwt: [{ issuer: 'https://id.example.com', audience: 'tutti' }] } }]) {
      const gateway = await startTestGateway({ ...elsewhere, ...config });
      await gateway.stop();
    }
  });

  it('is allowed with an API key that holds, and no more once it is revoked', async () => {
    const here = await startTestGateway();
    try {
      const { id } = await aKey(here, { name: 'first', role: 'admin' });
      const open = await startTestGateway(elsewhere, { beside: here });
      await open.stop();
      await here.call('POST', `/v1/access/keys/${id}/revoke`, { json: {} });
      await expect(startTestGateway(elsewhere, { beside: here })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    } finally {
      await here.stop();
    }
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost'])('needs none on %s', async (host) => {
    const gateway = await startTestGateway({ host });
    await gateway.stop();
  });
});
