import { TuttiError } from '@tutti/kernel';
import { isLoopback, type GatewayConfig } from '../gateway.config.js';

/** The parts of a request that are looked at before it is let in; a WebSocket's upgrade has them as well. */
export interface DoorRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
}

const WILDCARD_HOSTS = ['0.0.0.0', '::', ''];

/**
 * Who may come in. A loopback address is no boundary: any page in a browser can send requests to it, and a name under somebody else's control can be made
 * to point at it.
 */
export class Door {
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;

  constructor(config: Pick<GatewayConfig, 'host' | 'allowedHosts' | 'allowedOrigins'>) {
    const own = WILDCARD_HOSTS.includes(config.host) || isLoopback(config.host) ? [] : [bracketed(config.host)];
    this.hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...own, ...config.allowedHosts].map((host) => host.toLowerCase()));
    this.origins = new Set(config.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
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
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
