import { status, type Client, type ServiceError } from '@grpc/grpc-js';
import { GRPC_ERROR_KEYS } from '@tutti/contracts';
import { isJsonObject, TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import { NO_TRACER, type Tracer } from '../tracing/tracer.js';
import { callSignal } from './call-signal.js';
import { callerMetadata, type CallerTokens } from './caller-tokens.js';
import { errorOf } from './grpc-status.js';
import { ProcessLink } from './process-link.js';
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

interface RemoteProcessOptions {
  /** In messages, like `the coordinator`. */
  readonly name: string;
  /** Asked before every connection: who comes back may be elsewhere. Rejects while nobody is there. */
  readonly endpoint: () => Promise<{ readonly address: string }>;
  readonly tokens: Pick<CallerTokens, 'issue'>;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: Logger;
  readonly limits: RemoteProcessLimits;
  readonly tracer?: Tracer;
}

const AGAIN_MS = 100;
const LOOK_MS = 250;
/** Nobody sends again what may be what the other process ends of. */
const MOST_LOSSES = 5;

/**
 * Services of another process of the data folder, which comes and goes. A call waits a while for it. One whose answer was lost is sent again when that
 * does no harm; else it fails, not retryable, since nobody knows what became of it.
 */
export class RemoteProcess {
  private readonly link: ProcessLink;
  private waiting = 0;
  private present: boolean | null = null;
  private stopLooking: Cancel = () => {};
  private readonly wakers = new Set<() => void>();
  private closed = false;

  constructor(private readonly options: RemoteProcessOptions) {
    this.link = new ProcessLink(options);
  }

  /**
   * Calls throw what the other side threw; TIMED_OUT past the limit of a call; OVERLOADED when too many wait; SHUTTING_DOWN while nobody is there,
   * retryable unless the call may have been carried out.
   */
  service<Definition extends UnaryDefinition>(definition: Definition): ServiceOf<Definition> {
    const methods = Object.entries(definition).map(([name, method]) => [name, (request: unknown) => this.call(name, method, request)]);
    return Object.fromEntries(methods) as ServiceOf<Definition>;
  }

  /** Tells whether it is there and ready, now and after each change, until it is closed. */
  watch(onChange: (present: boolean) => void): void {
    const look = async (): Promise<void> => {
      const present = await this.link.isReady();
      if (this.closed) return;
      if (present !== this.present) {
        this.options.logger[present ? 'info' : 'warn'](`${this.options.name} is ${present ? 'there' : 'away'}`, {
          address: this.link.address,
        });
        this.present = present;
        onChange(present);
      }
      this.stopLooking = this.options.runtime.timers.after(LOOK_MS, () => void look());
    };
    void look();
  }

  /** Calls that wait end with SHUTTING_DOWN. */
  close(): void {
    this.closed = true;
    this.stopLooking();
    for (const wake of [...this.wakers]) wake();
    this.link.close();
  }

  private call(name: string, method: UnaryDefinition[string], request: unknown): Promise<unknown> {
    return traceCall(this.options.tracer ?? NO_TRACER, method.path, (trace) => this.callUntilAnswered(name, method, request, trace));
  }

  private async callUntilAnswered(
    name: string,
    method: UnaryDefinition[string],
    request: unknown,
    trace: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const { runtime, limits, tokens } = this.options;
    let giveUpMs = Infinity;
    for (let losses = 0; ;) {
      const client = await this.whoIsThere();
      const address = this.link.address;
      try {
        const metadata = { ...(await callerMetadata(tokens)), ...trace };
        return await callUnary(client, method, request, { deadlineMs: runtime.clock.now() + limits.callMs, metadata });
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown;
        // Cancelled from here: nobody waits for another answer.
        if (callSignal()?.aborted === true) throw errorOf(thrown, address);
        const isLoss = isLost(thrown);
        const error = isLoss ? this.away() : errorOf(thrown, address);
        if (error.code !== 'SHUTTING_DOWN') throw error;
        if (isLoss) losses += 1;
        const notBegun = !isLoss && isNotBegun(error);
        if (!notBegun && !isRepeatable(name, request)) throw isLoss ? this.lostAnswer(name) : error;
        giveUpMs = Math.min(giveUpMs, runtime.clock.monotonic() + limits.waitMs);
        if (losses > MOST_LOSSES || this.closed || runtime.clock.monotonic() >= giveUpMs) throw notBegun ? this.away() : error;
      }
      await this.sleep(AGAIN_MS);
    }
  }

  /** @throws TuttiError SHUTTING_DOWN, OVERLOADED */
  private async whoIsThere(): Promise<Client> {
    const { runtime, limits } = this.options;
    const standing = this.link.standing();
    if (standing !== null) return standing;
    if (this.waiting >= limits.maxWaiting)
      throw new TuttiError('OVERLOADED', `${this.waiting} calls wait for ${this.options.name}; no more are taken`);
    this.waiting += 1;
    try {
      for (const until = runtime.clock.monotonic() + limits.waitMs; !this.closed;) {
        const client = await this.link.connect();
        if (client !== null) return client;
        if (runtime.clock.monotonic() >= until) break;
        await this.sleep(AGAIN_MS);
      }
      throw this.away();
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

  private away(): TuttiError {
    return new TuttiError('SHUTTING_DOWN', `${this.options.name} is not there just now`);
  }

  private lostAnswer(method: string): TuttiError {
    const message = `${this.options.name} went away before it answered ${method}: it may have been done; look before you ask for it again`;
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
