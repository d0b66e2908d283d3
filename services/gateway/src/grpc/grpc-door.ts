import { ServerInterceptingCall, ServerListenerBuilder, type Metadata, type ServerInterceptor } from '@grpc/grpc-js';
import { toTuttiError, TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import { statusOf } from '@tutti/service-kit';
import type { Authenticator } from '../access/authenticator.js';
import type { Principal } from '../access/principal.js';
import type { Refusals } from '../access/refusals/refusals.js';
import type { GatewayConfig } from '../gateway.config.js';
import type { HealthState } from '../health/health-state.js';
import type { DoorLimits } from '../limits/door-limits.js';
import { loadOfCall } from '../limits/grpc-load.js';
import { addressOf, TrackedCall } from '../limits/tracked-call.js';
import { checkMayCall } from './rpc-access.js';

interface GrpcDoorParts {
  readonly config: Pick<GatewayConfig, 'requestTimeoutMs' | 'grpc'>;
  readonly authenticator: Authenticator;
  readonly refusals: Refusals;
  readonly health: HealthState;
  readonly limits: DoorLimits;
  readonly runtime: Pick<Runtime, 'timers' | 'clock' | 'ids'>;
}

/** Needs no token and is answered whatever the state of the service, like `/health` by HTTP. */
const OPEN_PATH = /^\/grpc\.health\.v1\.Health\//;
/** Does not stay open. */
const CHECK_PATH = '/grpc.health.v1.Health/Check';
/** What reads is answered while the service stops, as by HTTP. */
const READING_METHOD = /\/(?:Get|List|Explain|Validate|Follow|Query|ServerReflection)\w*$/;

/** By the metadata that a call began with: it reaches the handler as the same object. */
const principals = new WeakMap<Metadata, Principal>();
/** By the request that a service is handed. */
const callers = new WeakMap<object, Principal>();

/** Who makes the call that began with the metadata. */
export function principalOf(metadata: Metadata): Principal {
  const principal = principals.get(metadata);
  if (principal === undefined) throw new TuttiError('INTERNAL', 'the call did not come through the door');
  return principal;
}

/** Who sent the request, for a service of the gateway that needs more than the actor. */
export function callerOf(request: object): Principal {
  const principal = callers.get(request);
  if (principal === undefined) throw new TuttiError('INTERNAL', 'the request did not come through the door');
  return principal;
}

/** The request, with who sent it. */
export function withPrincipal<Request extends object>(request: Request, metadata: Metadata): Request {
  callers.set(request, principalOf(metadata));
  return request;
}

/** Who may call: looked at with a call's first metadata, before any of its message is read. */
export class GrpcDoor {
  /** Calls that are not over on the wire, health checks left out. */
  private readonly open = new Set<object>();
  /** Ends each open health check. */
  private readonly watches = new Map<object, () => void>();
  private readonly whenIdle: (() => void)[] = [];

  constructor(private readonly parts: GrpcDoorParts) {}

  readonly interceptor: ServerInterceptor = (method, call) => {
    const isHealth = OPEN_PATH.test(method.path);
    const entry = {};
    let stopArrival: Cancel = () => {};
    const tracked = isHealth ? null : this.track(method.path, call.getPeer());
    const refuse = (thrown: unknown): void => {
      const status = statusOf(toTuttiError(thrown));
      tracked?.answered(status.code ?? 0);
      call.sendStatus(status);
    };
    const over = (): void => {
      stopArrival();
      tracked?.over();
      this.watches.delete(entry);
      this.close(entry);
    };
    if (isHealth) this.watches.set(entry, () => refuse(new TuttiError('SHUTTING_DOWN', 'the service is stopping')));
    else this.open.add(entry);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        // A stream of requests stays open by its nature; one request must arrive.
        if (!method.requestStream) {
          stopArrival = this.parts.runtime.timers.after(this.parts.config.requestTimeoutMs, () =>
            refuse(new TuttiError('TIMED_OUT', 'the request did not arrive whole in time')),
          );
        }
        this.admit(method.path, metadata, isHealth, call.getPeer(), tracked).then(() => next(metadata), refuse);
      })
      .withOnReceiveHalfClose((next) => {
        stopArrival();
        next();
      })
      .withOnCancel(over)
      .build();
    return new ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (status, next) => {
        tracked?.answered(status.code ?? 0);
        next(status);
      },
    });
  };

  /** Resolves when no call is open but health checks. */
  async idle(): Promise<void> {
    if (this.open.size > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  /** Who watches the health of a server that is gone learns it by the end of its watch. */
  endWatches(): void {
    for (const end of [...this.watches.values()]) end();
  }

  private async admit(path: string, metadata: Metadata, isHealth: boolean, peer: string, tracked: TrackedCall | null): Promise<void> {
    const { authenticator, refusals, health, limits, config } = this.parts;
    // Each counts by itself: watches need no credential, and take no place from calls that do.
    if ((isHealth ? this.watches.size : this.open.size) > config.grpc.maxCalls && path !== CHECK_PATH)
      throw new TuttiError('OVERLOADED', `${config.grpc.maxCalls} calls are open; no more are taken`);
    if (isHealth) return;
    const address = addressOf(peer);
    let actor = '';
    try {
      const principal = await authenticator.authenticate({ authorization: textOf(metadata, 'authorization'), address });
      actor = principal.actor;
      principals.set(metadata, principal);
      tracked?.known(principal);
      checkMayCall(path, principal);
      limits.admit({ ...loadOfCall(path), principal, address });
    } catch (error) {
      refusals.note(error, { address, actor });
      throw error;
    }
    health.admit(READING_METHOD.test(path) ? 'GET' : 'POST');
  }

  private track(path: string, peer: string): TrackedCall {
    const { limits, runtime } = this.parts;
    return new TrackedCall({ limits, runtime, path, peer });
  }

  private close(entry: object): void {
    if (!this.open.delete(entry) || this.open.size > 0) return;
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}

export function textOf(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return typeof value === 'string' ? value : undefined;
}
