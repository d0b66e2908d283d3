import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@tutti/service-kit';
import { z } from 'zod';
import { gatewayConfig } from './gateway.config.js';

const config = z.object({ gateway: gatewayConfig.prefault({}) });
const load = (env: Readonly<Record<string, string>>) => loadConfig(config, { yaml: null, env }).gateway;

describe('the gateway’s configuration', () => {
  it('listens on the loopback address when nothing is said', () => {
    expect(load({})).toMatchObject({
      host: '127.0.0.1',
      port: 4700,
      allowedHosts: [],
      maxBodyBytes: 16_777_216,
      feed: { maxSockets: 200 },
    });
  });

  it('takes numbers and lists from the environment', () => {
    const env = { TUTTI_GATEWAY__PORT: '0', TUTTI_GATEWAY__ALLOWED_HOSTS: 'a.example, b.example', TUTTI_GATEWAY__FEED__MAX_SOCKETS: '3' };
    expect(load(env)).toMatchObject({ port: 0, allowedHosts: ['a.example', 'b.example'], feed: { maxSockets: 3 } });
  });

  it.each(['short', 'with spaces in between', 'with/slashes/in/between'])('refuses the token "%s"', (token) => {
    expect(() => load({ TUTTI_GATEWAY__TOKEN: token })).toThrow('expected 16 to 200 letters');
  });
});
