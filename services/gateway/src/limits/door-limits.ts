import type { Clock, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Authenticator, GuardableAuthenticator } from '../access/authenticator.js';
import { AccessLog } from './access-log.js';
import { BoundedLines } from './bounded-lines.js';
import { ConnectionGuard } from './connection-guard.js';
import { GuardedAuthenticator } from './guarded-authenticator.js';
import type { LimitsConfig } from './limits.config.js';
import type { LoadGauges } from './load-monitor.js';
import { LoadShedder } from './load-shedder.js';
import { RateLimits, type Asked, type Standing } from './rate-limits.js';

interface DoorLimitsParts {
  readonly config: { readonly limits: LimitsConfig; readonly maxConnections: number };
  readonly gauges: LoadGauges;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: Logger;
}

/** How much of everything the door lets in, by whichever of its three ways. */
export class DoorLimits {
  readonly shedder: LoadShedder;
  readonly connections: ConnectionGuard;
  readonly grpcConnections: ConnectionGuard;
  readonly accessLog: AccessLog;
  private readonly rates: RateLimits;
  private readonly clock: Clock;

  constructor(private readonly parts: DoorLimitsParts) {
    const { config, gauges, runtime, logger } = parts;
    const { limits, maxConnections } = config;
    this.clock = runtime.clock;
    const lines = new BoundedLines(logger, runtime.clock);
    this.shedder = new LoadShedder({ config: limits.shedding, gauges, runtime, logger });
    const bounds = { maxConnections, perAddress: limits.connections.perAddress, clock: runtime.clock, lines };
    this.connections = new ConnectionGuard(bounds);
    this.grpcConnections = new ConnectionGuard(bounds);
    this.accessLog = new AccessLog(logger, lines);
    this.rates = new RateLimits(limits, runtime.clock);
  }

  guard(authenticator: GuardableAuthenticator): Authenticator {
    return new GuardedAuthenticator(authenticator, this.parts.config.limits, this.clock);
  }

  /**
   * Once for each request, call and message, before any of its work.
   *
   * @throws TuttiError RATE_LIMITED, OVERLOADED
   */
  admit(asked: Asked): Standing {
    const standing = this.rates.take(asked);
    this.shedder.admit(asked.load);
    return standing;
  }
}
