import { TuttiError } from '@tutti/kernel';
import { PERMISSIONS } from '@tutti/rest-contract';
import type { BearerScheme } from './authenticator.js';
import type { Principal } from './principal.js';
import { hashOfSecret, isSameHash } from './secret.js';

const DEFAULT_ACTOR = 'user:local';

/** The token that was made at install: whoever can read it may do everything on this machine. */
export class InstallToken implements BearerScheme {
  /** One that was configured may be short. */
  readonly canBeGuessed = true;
  private readonly hash: string;
  private readonly principal: Principal = {
    actor: DEFAULT_ACTOR,
    credential: { kind: 'install-token', id: 'install' },
    permissions: new Set(PERMISSIONS),
    mayActAsOthers: true,
    expiresAtMs: null,
  };

  constructor(private readonly token: string) {
    this.hash = hashOfSecret(token);
  }

  takes(): boolean {
    return true;
  }

  async authenticate(token: string): Promise<Principal> {
    // Takes the same time whatever the token.
    if (isSameHash(hashOfSecret(token), this.hash)) return this.principal;
    throw new TuttiError('UNAUTHENTICATED', 'the token is not the one of this gateway');
  }

  /** Of a session that was started with the token: without this very token the session’s secret is not worth anything. */
  sessionHash(secret: string): string {
    return hashOfSecret(`${secret}.${this.token}`);
  }
}
