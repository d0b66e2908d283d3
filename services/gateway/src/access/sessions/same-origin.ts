import type { IncomingHttpHeaders } from 'node:http';
import { TuttiError } from '@tutti/kernel';
import type { Principal } from '../principal.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];

interface CookieRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Browsers send a cookie by themselves, so a change that rests on one must come from the gateway’s own page: the browser says so in Sec-Fetch-Site, or the
 * Origin is the host that is asked. Other credentials are put into a request by whoever made it.
 *
 * @throws TuttiError ORIGIN_REFUSED
 */
export function checkSameOrigin(principal: Principal, { method, headers }: CookieRequest): void {
  if (principal.credential.kind !== 'session' || READS.includes(method)) return;
  const site = headers['sec-fetch-site'];
  if (site === undefined ? isOwnOrigin(headers) : site === 'same-origin') return;
  throw new TuttiError(
    'ORIGIN_REFUSED',
    'a change with the cookie of a session comes from this gateway’s own page only; send a token or key as "Authorization: Bearer <token>"',
  );
}

/**
 * A WebSocket may be opened by any page, its cookie goes along, and it takes commands: it must come from the gateway’s own page as well. Pages of allowed origins bring a credential of their own.
 *
 * @throws TuttiError ORIGIN_REFUSED
 */
export function checkSocketOrigin(principal: Principal, headers: IncomingHttpHeaders): void {
  if (principal.credential.kind !== 'session' || isOwnOrigin(headers)) return;
  throw new TuttiError(
    'ORIGIN_REFUSED',
    'a WebSocket with the cookie of a session is opened by this gateway’s own page only, which its Origin header says; bring a token or key',
  );
}

function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
