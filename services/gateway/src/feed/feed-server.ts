import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import type { RunService } from '@tutti/contracts';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { EVENT_STORE, LOGGER, RUN_SERVICE, RUNTIME, type Logger } from '@tutti/service-kit';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Principal } from '../access/principal.js';
import { checkSocketOrigin } from '../access/sessions/same-origin.js';
import { problemOf } from '../door/problem.js';
import { refuseConnection } from '../door/raw-response.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Places } from '../limits/places.js';
import { FeedCommands } from './feed-commands.js';
import { FeedConnection } from './feed-connection.js';
import { RunFacts } from './run-facts.js';

export const FEED_PATH = '/v1/feed';
const PROTOCOL = 'tutti.v1';
/** Browsers cannot send an Authorization header with a WebSocket; they offer the token as a subprotocol, which is never the answered one. */
const TOKEN_PROTOCOL = 'tutti.token.';

interface Admitted {
  readonly principal: Principal;
  readonly actor: string | undefined;
  readonly address: string | undefined;
}

/** Live feeds and commands over WebSocket, with the same door as every request. */
@Injectable()
export class FeedServer {
  private readonly connections = new Set<FeedConnection>();
  private readonly places: Places;
  private readonly sockets: WebSocketServer;
  private readonly logger: Logger;
  private closing = false;

  constructor(
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RUN_SERVICE) private readonly runs: RunService,
    @Inject(RunFacts) private readonly facts: RunFacts,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.logger = logger.child({ part: 'feed' });
    this.places = new Places(parts.config.feed.maxSockets, 'feeds');
    this.sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: parts.config.feed.maxMessageBytes,
      handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
    });
    this.sockets.on('wsClientError', (error, socket) => {
      refuseConnection(socket, problemOf(new TuttiError('INVALID_REQUEST', `this is no WebSocket handshake: ${error.message}`)));
    });
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
  }

  /** Ends every feed; resolves when all are closed. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.connections].map((connection) => connection.close()));
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the WebSocket listens itself.
    const ignore = (): void => {};
    socket.on('error', ignore);
    let admitted: Admitted;
    try {
      admitted = await this.admit(request);
    } catch (error) {
      this.parts.access.refusals.note(error, {
        address: request.socket.remoteAddress ?? '',
        actor: '',
        wanted: request.headers.origin ?? '',
      });
      refuseConnection(socket, problemOf(error, this.runtime.ids.next()));
      return;
    }
    socket.off('error', ignore);
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => this.open(webSocket, admitted));
  }

  private open(webSocket: WebSocket, { principal, actor, address = '' }: Admitted): void {
    const { access, config, health, limits, credentialWatch, tracer } = this.parts;
    const { runtime, store, facts, logger } = this;
    const connection = new FeedConnection(webSocket, {
      ...{ principal, config: config.feed, store, facts, runtime, logger },
      commands: new FeedCommands({
        ...{ runs: this.runs, health, principal, actor, tracer, maxInFlight: config.feed.maxCommandsPerSocket },
        admit: (route, load) => void limits.admit({ route, load, principal, address: undefined }),
      }),
      onRefusal: (error) => access.refusals.note(error, { address, actor: principal.actor }),
      watchCredential: (over) => credentialWatch.watch(principal, over),
    });
    this.connections.add(connection);
    void connection.ended.finally(() => this.connections.delete(connection));
  }

  private async admit(request: IncomingMessage): Promise<Admitted> {
    const { door, authenticator, health, limits } = this.parts;
    door.checkHost(request);
    door.checkOrigin(request);
    const offered = offeredToken(request);
    const authorization = request.headers.authorization ?? (offered === undefined ? undefined : `Bearer ${offered}`);
    const { cookie } = request.headers;
    const address = request.socket.remoteAddress;
    const principal = await authenticator.authenticate({ authorization, cookie, address });
    limits.connections.trust(request.socket);
    limits.admit({ route: 'feed:connect', load: 'read', principal, address });
    checkSocketOrigin(principal, request.headers);
    health.admit('GET');
    if (this.closing) throw new TuttiError('SHUTTING_DOWN', 'the service is stopping');
    if (request.url !== FEED_PATH) throw new TuttiError('ROUTE_NOT_FOUND', `the only WebSocket is ${FEED_PATH}, without parameters`);
    const actor = request.headers['tutti-actor'];
    const leave = this.places.take(principal);
    // However it goes on: a handshake that is none ends the connection.
    request.socket.once('close', leave);
    if (request.socket.destroyed) leave();
    return { principal, actor: typeof actor === 'string' ? actor : undefined, address };
  }
}

function offeredToken(request: IncomingMessage): string | undefined {
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  return protocols.find((protocol) => protocol.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
}
