const NAME = 'tutti_session';
const TEXT = /^([a-z0-9]{1,100})\.([A-Za-z0-9_-]{43})$/;

export interface SessionText {
  readonly id: string;
  readonly secret: string;
}

/** The session’s value in a Cookie header; undefined for none. */
export function sessionCookieIn(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const [name, ...value] = part.split('=');
    if (name?.trim() === NAME) return value.join('=').trim();
  }
  return undefined;
}

/** Null for what is no session. */
export function readSession(text: string): SessionText | null {
  const [, id, secret] = TEXT.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** The Set-Cookie header of a new session. Scripts cannot read it, and browsers send it with nothing that another site begins. */
export function setSessionCookie({ id, secret }: SessionText, maxAgeSeconds: number, secure: boolean): string {
  return cookie(`${id}.${secret}`, maxAgeSeconds, secure);
}

/** The Set-Cookie header that takes the cookie back. */
export function clearSessionCookie(secure: boolean): string {
  return cookie('', 0, secure);
}

function cookie(value: string, maxAgeSeconds: number, secure: boolean): string {
  return `${NAME}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;
}
