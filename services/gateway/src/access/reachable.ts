import { TuttiError } from '@tutti/kernel';
import { isLoopback, type GatewayConfig } from '../gateway.config.js';
import type { Access } from './access.js';

/**
 * An address that other machines reach is listened on only where somebody said who may come in: by a token of one’s own, an issuer of JWTs, or API keys.
 *
 * @throws TuttiError INVALID_CONFIG
 */
export async function checkReachable({ host, token }: GatewayConfig, access: Pick<Access, 'caughtUp' | 'hasCredentials'>): Promise<void> {
  if (isLoopback(host) || token !== undefined) return;
  await access.caughtUp;
  if (access.hasCredentials()) return;
  throw new TuttiError(
    'INVALID_CONFIG',
    `gateway.host: listening on ${host}, which other machines reach, needs credentials of your own: set gateway.token (TUTTI_GATEWAY__TOKEN) or gateway.auth.jwt, or make an API key while it listens on 127.0.0.1`,
  );
}
