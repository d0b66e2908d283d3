import { TuttiError } from '@tutti/kernel';
import { PERMISSIONS, type Permission } from '@tutti/rest-contract';
import { GATEWAY_AUDIENCE, type ServiceTokens } from '@tutti/service-kit';
import { decodeProtectedHeader } from 'jose';
import type { BearerScheme } from './authenticator.js';
import type { Principal } from './principal.js';

const TOKEN_TYPE = 'tutti-service+jwt';

/** Short-lived tokens that hosts of agents give to agents. Nobody acts as another by one, and it allows what stands in it, no more. */
export class ServiceTokenAuthenticator implements BearerScheme {
  readonly canBeGuessed = false;
  constructor(private readonly tokens: Pick<ServiceTokens, 'verify'>) {}

  takes(token: string): boolean {
    if (!token.startsWith('eyJ')) return false;
    try {
      return decodeProtectedHeader(token).typ === TOKEN_TYPE;
    } catch {
      return false;
    }
  }

  /** @throws TuttiError UNAUTHENTICATED for a token that is forged, over, or not for the gateway */
  async authenticate(token: string): Promise<Principal> {
    const { actor, permissions, tokenId, expiresAtMs } = await this.tokens.verify(token, GATEWAY_AUDIENCE);
    const unknown = permissions.find((permission) => !isPermission(permission));
    if (unknown !== undefined) throw new TuttiError('UNAUTHENTICATED', `the token of ${actor} names a permission that is not known here`);
    return {
      actor,
      credential: { kind: 'service-token', id: tokenId },
      permissions: new Set(permissions.filter(isPermission)),
      mayActAsOthers: false,
      expiresAtMs,
    };
  }
}

function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}
