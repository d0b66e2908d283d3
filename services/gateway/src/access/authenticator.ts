import { TuttiError } from '@tutti/kernel';
import type { Principal } from './principal.js';

/** What a request carries to prove who sends it. */
export interface Credentials {
  /** The Authorization header as it is. */
  readonly authorization?: string | undefined;
  /** The Cookie header as it is; it counts only where there is no Authorization. */
  readonly cookie?: string | undefined;
  /** Where the request comes from, for the record. */
  readonly address?: string | undefined;
}

export interface Authenticator {
  /**
   * Who sent the credentials.
   *
   * @throws TuttiError UNAUTHENTICATED when there are none, or they are not known, over, or revoked · SHUTTING_DOWN for a key or session before the
   * recorded ones are known
   */
  authenticate(credentials: Credentials): Promise<Principal>;
}

/** One kind of bearer credential. */
export interface BearerScheme {
  /** Whether a token is of this kind, by its looks alone. */
  takes(token: string): boolean;
  /** @throws TuttiError UNAUTHENTICATED */
  authenticate(token: string, address: string): Promise<Principal>;
}

interface CookieScheme {
  /** The credential in the Cookie header; undefined where it has none. */
  cookieIn(header: string | undefined): string | undefined;
  authenticate(cookie: string): Principal;
}

const BEARER = /^Bearer +([^\s]+) *$/i;
const UNKNOWN_ADDRESS = '';

/** Asks the first kind that takes the token; the last takes every one. */
export class SchemeAuthenticator implements Authenticator {
  constructor(
    private readonly schemes: readonly BearerScheme[],
    private readonly cookies: CookieScheme,
  ) {}

  async authenticate({ authorization, cookie, address = UNKNOWN_ADDRESS }: Credentials): Promise<Principal> {
    if (authorization === undefined) {
      const session = this.cookies.cookieIn(cookie);
      if (session !== undefined) return this.cookies.authenticate(session);
      throw new TuttiError('UNAUTHENTICATED', 'there is no token: send "Authorization: Bearer <token>"');
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined)
      throw new TuttiError('UNAUTHENTICATED', 'the Authorization header has no bearer token: send "Authorization: Bearer <token>"');
    const scheme = this.schemes.find((each) => each.takes(token));
    if (scheme === undefined) throw new TuttiError('UNAUTHENTICATED', 'the token is of no kind that is taken here');
    return scheme.authenticate(token, address);
  }
}
