import { status, type Client, type ServiceError } from '@grpc/grpc-js';
import { GRPC_ERROR_KEYS } from '@tutti/contracts';
import { isJsonObject, TuttiError, type Runtime } from '@tutti/kernel';
import { NO_TRACER, type Tracer } from '../tracing/tracer.js';
import { callSignal } from './call-signal.js';
import { callerMetadata, type CallerTokens } from './caller-tokens.js';
import { errorOf } from './grpc-status.js';
import { isRepeatable } from './repeatable-call.js';
import { traceCall } from './traced-call.js';
import { callUnary } from './unary-call.js';
import type { ServiceOf, UnaryDefinition } from './unary-service.js';

export interface RemoteProcessLimits {
  /** How long a call waits for the other process: before it is sent, and anew when its answer was lost. */
  readonly waitMs: number;
  /** Calls that wait so; one more is refused with OVERLOADED. */
  readonly maxWaiting: number;
  /** Longest time for one call that was sent. */
  readonly callMs: number;
}

export interface PatientCall {
  /** Like `startRun`. */
  readonly method: string;
  readonly request: unknown;
}

/** Who is there for a call. */
export interface Reached {
  readonly client: Client;
  readonly address: string;
}

interface PatientCallsOptions {
  /** Whose call it is, in messages, like `the coordinator`. */
  readonly whom: (call: PatientCall) => string;
  /** Whoever the call is for, if the connection stands. */
  readonly standing: (call: PatientCall) => Reached | null;
  /** One try to get through to them. Null when nobody is there. */
  readonly connect: (call: PatientCall) => Promise<Reached | null>;
  /** Told when they refused it before they looked at it: another may be meant. */
  readonly refused?: (call: PatientCall, by: Reached) => void;
  readonly tokens: Pick<CallerTokens, 'issue'>;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly limits: RemoteProcessLimits;
  readonly tracer?: Tracer;
}

const AGAIN_MS = 100;
/** Nobody sends again what may be what the other process ends of. */
const MOST_LOSSES = 5;

/**
 * Calls to processes that come and go. One waits a while for whoever it is for. One whose answer was lost is sent again when that does no harm; else it fails,
 * not retryable, since nobody knows what became of it. One that was refused before it was looked at is sent again, whatever it is.
 */
export class PatientCalls {
  private waiting = 0;
  private readonly wakers = new Set<() => void>();
  private closed = false;

  constructor(private readonly options: PatientCallsOptions) {}

  /**
   * Calls throw what the other side threw; TIMED_OUT past the limit of a call; OVERLOADED when too many wait; SHUTTING_DOWN while nobody is there,
   * retryable unless the call may have been carried out.
   */
  service<Definition extends UnaryDefinition>(definition: Definition): ServiceOf<Definition> {
    const { tracer = NO_TRACER } = this.options;
    const methods = Object.entries(definition).map(([name, method]) => [
      name,
      (request: unknown) => traceCall(tracer, method.path, (trace) => this.untilAnswered({ method: name, request }, method, trace)),
    ]);
    return Object.fromEntries(methods) as ServiceOf<Definition>;
  }

  /** Calls that wait end with SHUTTING_DOWN. */
  close(): void {
    this.closed = true;
    for (const wake of [...this.wakers]) wake();
  }

  private async untilAnswered(
    call: PatientCall,
    method: UnaryDefinition[string],
    trace: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const { runtime, limits, tokens, refused } = this.options;
    let giveUpMs = Infinity;
    for (let losses = 0; ;) {
      const reached = await this.whoIsThere(call);
      try {
        const metadata = { ...(await callerMetadata(tokens)), ...trace };
        return await callUnary(reached.client, method, call.request, { deadlineMs: runtime.clock.now() + limits.callMs, metadata });
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown;
        // Cancelled from here: nobody waits for another answer.
        if (callSignal()?.aborted === true) throw errorOf(thrown, reached.address);
        const isLoss = isLost(thrown);
        const error = isLoss ? this.away(call) : errorOf(thrown, reached.address);
        if (error.code !== 'SHUTTING_DOWN') throw error;
        if (isLoss) losses += 1;
        const notBegun = !isLoss && isNotBegun(error);
        if (!notBegun && !isRepeatable(call.method, call.request)) throw isLoss ? this.lostAnswer(call) : error;
        giveUpMs = Math.min(giveUpMs, runtime.clock.monotonic() + limits.waitMs);
        if (losses > MOST_LOSSES || this.closed || runtime.clock.monotonic() >= giveUpMs) throw notBegun ? this.away(call) : error;
        if (notBegun) refused?.(call, reached);
      }
      await this.sleep(AGAIN_MS);
    }
  }

  /** @throws TuttiError SHUTTING_DOWN, OVERLOADED */
  private async whoIsThere(call: PatientCall): Promise<Reached> {
    const { whom, standing, connect, runtime, limits } = this.options;
    const there = standing(call);
    if (there !== null) return there;
    if (this.waiting >= limits.maxWaiting)
      throw new TuttiError('OVERLOADED', `${this.waiting} calls wait for ${whom(call)}; no more are taken`);
    this.waiting += 1;
    try {
      for (const until = runtime.clock.monotonic() + limits.waitMs; !this.closed;) {
        const reached = await connect(call);
        if (reached !== null) return reached;
        if (runtime.clock.monotonic() >= until) break;
        await this.sleep(AGAIN_MS);
      }
      throw this.away(call);
    } finally {
      this.waiting -= 1;
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.wakers.delete(wake);
        resolve();
      };
      const cancel = this.options.runtime.timers.after(ms, wake);
      this.wakers.add(wake);
    });
  }

  private away(call: PatientCall): TuttiError {
    return new TuttiError('SHUTTING_DOWN', `${this.options.whom(call)} is not there just now`);
  }

  private lostAnswer(call: PatientCall): TuttiError {
    const message = `${this.options.whom(call)} went away before it answered ${call.method}: it may have been done; look before you ask for it again`;
    return new TuttiError('SHUTTING_DOWN', message, { retryable: false });
  }
}

function isFailure(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number' && 'metadata' in thrown;
}

/** The connection went while the call was on its way or carried out; the service itself did not answer. */
function isLost(failure: ServiceError): boolean {
  if (failure.metadata.get(GRPC_ERROR_KEYS.code).length > 0) return false;
  if (failure.code === status.UNAVAILABLE || failure.code === status.CANCELLED) return true;
  return failure.code === status.INTERNAL && failure.details.includes('RST_STREAM');
}

/** The service refused it before it looked at it. */
function isNotBegun({ details }: TuttiError): boolean {
  return details !== undefined && isJsonObject(details) && details['begun'] === false;
}
