import { Server, type Metadata } from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventFeedServiceService } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { isTuttiError, toTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import { EVENT_STORE, LOGGER, MAX_GRPC_MESSAGE_BYTES, RUNTIME, serveGrpc, statusOf, type Logger } from '@tutti/service-kit';
import { HealthImplementation } from 'grpc-health-check';
import type { Refusals } from '../access/refusals/refusals.js';
import { actorIn } from '../door/actor.js';
import { isLoopback } from '../gateway.config.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { RunFacts } from '../feed/run-facts.js';
import type { Principal } from '../access/principal.js';
import { GrpcListener } from '../limits/grpc-listener.js';
import { Places } from '../limits/places.js';
import { EventFollow, type FollowStream } from './event-follow.js';
import { GrpcDoor, principalOf, textOf, withPrincipal } from './grpc-door.js';
import { PUBLIC_SERVICES, serviceName } from './public-services.js';
import { takingAnyBytes, unreadable } from './readable-requests.js';
import { describeServices } from './server-description.js';

const SERVED = [...PUBLIC_SERVICES.map(({ definition }) => serviceName(definition)), serviceName(EventFeedServiceService)];
/** The empty name stands for the server as a whole. */
const HEALTH_NAMES = ['', ...SERVED];

/** The contracts by gRPC, with the same door as every request, and the feed of events. */
@Injectable()
export class GrpcServer {
  private readonly door: GrpcDoor;
  private readonly refusals: Refusals;
  private readonly health = new HealthImplementation(Object.fromEntries(HEALTH_NAMES.map((name) => [name, 'NOT_SERVING'])));
  private readonly follows = new Map<EventFollow, Promise<void>>();
  private readonly places: Places;
  private readonly logger: Logger;
  private server: Server | null = null;
  private listener: GrpcListener | null = null;
  private closing = false;

  constructor(
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RunFacts) private readonly facts: RunFacts,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) logger: Logger,
    @Inject(ModuleRef) private readonly modules: ModuleRef,
  ) {
    this.logger = logger.child({ part: 'grpc' });
    this.refusals = parts.access.refusals;
    const { config, authenticator, health, limits } = parts;
    this.places = new Places(config.grpc.maxFollowers, 'feeds');
    this.door = new GrpcDoor({ config, authenticator, refusals: this.refusals, health, limits, runtime });
    parts.health.onChange((ready) => {
      for (const name of HEALTH_NAMES) this.health.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING');
    });
  }

  /**
   * Listens on a loopback address.
   *
   * @returns the URL, like `grpc://127.0.0.1:50051`
   * @throws TuttiError INVALID_CONFIG for a port that is taken
   */
  async start(): Promise<string> {
    const { config } = this.parts;
    const server = new Server({
      interceptors: [this.door.interceptor],
      'grpc.max_receive_message_length': config.maxBodyBytes,
      'grpc.max_send_message_length': MAX_GRPC_MESSAGE_BYTES,
      'grpc.max_concurrent_streams': config.grpc.maxCallsPerConnection,
      'grpc.max_connection_idle_ms': config.grpc.idleTimeoutMs,
      // Who is gone without a word is found out, and its feeds end.
      'grpc.keepalive_time_ms': config.feed.pingIntervalMs,
      'grpc.keepalive_timeout_ms': config.feed.pingIntervalMs,
    });
    this.server = server;
    for (const { definition, token } of PUBLIC_SERVICES) {
      serveGrpc(server, takingAnyBytes(definition), this.modules.get<never>(token, { strict: false }), {
        logger: this.logger,
        tracer: this.parts.tracer,
        around: (metadata, call) => this.refusing(metadata, () => hidingFaults(metadata, call)),
        prepare: withCaller,
      });
    }
    server.addService(takingAnyBytes(EventFeedServiceService), { follow: (stream: FollowStream) => this.follow(stream) });
    this.health.addToServer(server);
    describeServices(SERVED).addToServer(server);
    const host = isLoopback(config.host) && config.host !== 'localhost' ? config.host : '127.0.0.1';
    this.listener = new GrpcListener(server, this.parts.limits.grpcConnections);
    const port = await this.listener.listen(host, config.grpcPort);
    return `grpc://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** Ends the feeds, lets calls in flight end within the limit, and stops listening. */
  async close(): Promise<void> {
    this.closing = true;
    const following = [...this.follows];
    for (const [follow] of following) follow.end(new TuttiError('SHUTTING_DOWN', 'the service is stopping'));
    await Promise.all(following.map(([, ended]) => ended));
    let cancel = (): void => {};
    const limit = new Promise<void>((resolve) => (cancel = this.runtime.timers.after(this.parts.config.drainTimeoutMs, resolve)));
    await Promise.race([this.door.idle(), limit]);
    this.door.endWatches();
    // What was answered last is still on its way out.
    const ended = this.listener?.close();
    const closed = new Promise<void>((resolve) => (this.server === null ? resolve() : this.server.tryShutdown(() => resolve())));
    await Promise.race([Promise.all([closed, ended]), limit]);
    cancel();
    this.server?.forceShutdown();
  }

  /** Takes note of what a service itself refuses, like an actor that is somebody else. */
  private async refusing<Response>(metadata: Metadata, call: () => Promise<Response>): Promise<Response> {
    try {
      return await call();
    } catch (error) {
      this.refusals.note(error, { address: '', actor: principalOf(metadata).actor });
      throw error;
    }
  }

  private follow(stream: FollowStream): void {
    const principal = principalOf(stream.metadata);
    let leave: () => void;
    try {
      leave = this.admitFollow(stream, principal);
    } catch (error) {
      stream.emit('error', statusOf(toTuttiError(error)));
      return;
    }
    const { store, facts, runtime } = this;
    const { credentialWatch, config } = this.parts;
    const follow = new EventFollow(stream, { principal, store, facts, config: config.feed, timers: runtime.timers });
    const stopWatch = credentialWatch.watch(principal, (reason) => follow.end(reason));
    const ended = follow.run().finally(() => {
      stopWatch();
      leave();
      this.follows.delete(follow);
    });
    this.follows.set(follow, ended);
  }

  private admitFollow(stream: FollowStream, principal: Principal): () => void {
    const refused = unreadable(stream.request);
    if (refused !== null) throw refused;
    if (this.closing) throw new TuttiError('SHUTTING_DOWN', 'the service is stopping');
    return this.places.take(principal);
  }
}

/** What nobody meant to throw says nothing about itself, as by HTTP; the log has it. */
async function hidingFaults<Response>(_: Metadata, call: () => Promise<Response>): Promise<Response> {
  try {
    return await call();
  } catch (error) {
    if (isTuttiError(error) && error.code !== 'INTERNAL') throw error;
    throw new TuttiError('INTERNAL', 'an unexpected fault; the log has it', { cause: error });
  }
}

/** Who calls, where the request does not say it: `tutti-actor` in the metadata. */
function withCaller(request: unknown, metadata: Metadata): unknown {
  const refused = unreadable(request);
  if (refused !== null) throw refused;
  if (typeof request !== 'object' || request === null) return request;
  if (!('actor' in request)) return withPrincipal(request, metadata);
  const named = request.actor === '' ? textOf(metadata, 'tutti-actor') : request.actor;
  return withPrincipal({ ...request, actor: actorIn({ 'tutti-actor': named }, principalOf(metadata)) }, metadata);
}
