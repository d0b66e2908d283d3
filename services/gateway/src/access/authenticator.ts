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

/** A credential before it is looked at. */
export interface Carried {
  readonly text: string;
  /** False for what rests on 256 random bits or a signature: there trying leads nowhere. */
  readonly canBeGuessed: boolean;
}

/** Says what credentials there are without looking at them. */
export interface GuardableAuthenticator extends Authenticator {
  /** Null where there is none; cookies of others are none. */
  carried(credentials: Credentials): Carried | null;
}

/** One kind of bearer credential. */
export interface BearerScheme {
  /** Whether somebody may have chosen it. */
  readonly canBeGuessed: boolean;
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
export class SchemeAuthenticator implements GuardableAuthenticator {
  constructor(
    private readonly schemes: readonly BearerScheme[],
    private readonly cookies: CookieScheme,
  ) {}

  carried({ authorization, cookie }: Credentials): Carried | null {
    if (authorization === undefined) {
      const session = this.cookies.cookieIn(cookie);
      return session === undefined ? null : { text: `cookie ${session}`, canBeGuessed: false };
    }
    const token = BEARER.exec(authorization)?.[1];
    const scheme = token === undefined ? undefined : this.schemes.find((each) => each.takes(token));
    return { text: `bearer ${token ?? authorization}`, canBeGuessed: scheme?.canBeGuessed ?? true };
  }

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
