import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@tutti/service-kit';
import { z } from 'zod';
import { gatewayConfig } from '../gateway.config.js';

const config = z.object({ gateway: gatewayConfig.prefault({}) });
const load = (env: Readonly<Record<string, string>>, yaml: string | null = null) => loadConfig(config, { yaml, env }).gateway.auth;
const issuer = { TUTTI_GATEWAY__AUTH__JWT__ISSUER: 'https://id.example.com', TUTTI_GATEWAY__AUTH__JWT__AUDIENCE: 'tutti' };

describe('the configuration of access', () => {
  it('takes no JWTs, a thousand keys and sessions of a week when nothing is said', () => {
    expect(load({})).toEqual({
      jwt: [],
      keys: { max: 1_000 },
      sessions: { max: 1_000, idleTimeoutMs: 43_200_000, maxAgeMs: 604_800_000, secureCookie: false },
    });
  });

  it('takes one issuer by the environment, and several by the file', () => {
    expect(load(issuer).jwt).toMatchObject([
      { issuer: 'https://id.example.com', audience: 'tutti', actorClaim: 'sub', rolesClaim: 'roles', clockToleranceSeconds: 30 },
    ]);
    const yaml =
      'gateway: { auth: { jwt: [{ issuer: "https://a.example", audience: t }, { issuer: "https://b.example", audience: t, roleOf: { ops: operator } }] } }';
    expect(load({}, yaml).jwt.map(({ roleOf }) => roleOf)).toEqual([undefined, { ops: 'operator' }]);
  });

  it.each(['http://id.example.com', 'file:///etc/keys', 'https:', 'ftp://id.example.com'])(
    'refuses the issuer "%s", whose keys could be anybody’s',
    (text) => {
      expect(() => load({ ...issuer, TUTTI_GATEWAY__AUTH__JWT__ISSUER: text })).toThrow('gateway.auth.jwt.0.issuer');
      expect(() => load({ ...issuer, TUTTI_GATEWAY__AUTH__JWT__JWKS_URI: text })).toThrow('gateway.auth.jwt.0.jwksUri');
    },
  );

  it('refuses a role that Tutti does not have', () => {
    const yaml = 'gateway: { auth: { jwt: [{ issuer: "https://a.example", audience: t, roleOf: { ops: king } }] } }';
    expect(() => load({}, yaml)).toThrow('gateway.auth.jwt.0.roleOf.ops');
  });
});
