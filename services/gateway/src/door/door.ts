import { createHash, timingSafeEqual } from 'node:crypto';
import { TuttiError } from '@tutti/kernel';
import { isLoopback, type GatewayConfig } from '../gateway.config.js';

/** The parts of a request that are looked at before it is let in; a WebSocket's upgrade has them as well. */
export interface DoorRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
}

const WILDCARD_HOSTS = ['0.0.0.0', '::', ''];
const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * Who may come in. A loopback address is no boundary: any page in a browser can send requests to it, and a name under somebody else's control can be made
 * to point at it.
 */
export class Door {
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  private readonly tokenHash: Buffer;

  constructor(config: Pick<GatewayConfig, 'host' | 'allowedHosts' | 'allowedOrigins'>, token: string) {
    const own = WILDCARD_HOSTS.includes(config.host) || isLoopback(config.host) ? [] : [bracketed(config.host)];
    this.hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...own, ...config.allowedHosts].map((host) => host.toLowerCase()));
    this.origins = new Set(config.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
    this.tokenHash = sha256(token);
  }

  /** @throws TuttiError ORIGIN_REFUSED unless the name in the Host header is on the list */
  checkHost(request: DoorRequest): void {
    const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    const host = request.headers['host'];
    if (hosts.length !== 1 || typeof host !== 'string')
      throw new TuttiError('ORIGIN_REFUSED', `expected one Host header, found ${hosts.length}`);
    if (!this.hosts.has(hostName(host))) {
      throw new TuttiError(
        'ORIGIN_REFUSED',
        `the Host header names ${JSON.stringify(host.slice(0, 200))}, which is not on the list; add it to gateway.allowedHosts if it is yours`,
      );
    }
  }

  /**
   * The origin when the request comes from a page, null when not.
   *
   * @throws TuttiError ORIGIN_REFUSED for a page from elsewhere
   */
  checkOrigin(request: DoorRequest): string | null {
    const origin = request.headers['origin'];
    if (origin === undefined) return null;
    const found = String(origin).toLowerCase();
    if (found === `http://${String(request.headers['host']).toLowerCase()}` || this.origins.has(found)) return String(origin);
    throw new TuttiError(
      'ORIGIN_REFUSED',
      `the Origin header is ${JSON.stringify(found.slice(0, 200))}, which is not on the list; add it to gateway.allowedOrigins if it is yours`,
    );
  }

  /** @throws TuttiError UNAUTHENTICATED */
  checkBearer(request: DoorRequest): void {
    const header = request.headers['authorization'];
    if (header === undefined) throw new TuttiError('UNAUTHENTICATED', 'there is no token: send "Authorization: Bearer <token>"');
    const token = BEARER.exec(String(header))?.[1];
    if (token === undefined)
      throw new TuttiError('UNAUTHENTICATED', 'the Authorization header has no bearer token: send "Authorization: Bearer <token>"');
    this.checkToken(token);
  }

  /** Takes the same time whatever the token. @throws TuttiError UNAUTHENTICATED */
  checkToken(token: string): void {
    if (!timingSafeEqual(sha256(token), this.tokenHash))
      throw new TuttiError('UNAUTHENTICATED', 'the token is not the one of this gateway');
  }
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
