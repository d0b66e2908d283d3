import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import type { Tracer } from '../tracing/tracer.js';
import type { CallerTokens } from './caller-tokens.js';
import { PatientCalls, type Reached, type RemoteProcessLimits } from './patient-calls.js';
import { ProcessLink } from './process-link.js';
import type { ServiceOf, UnaryDefinition } from './unary-service.js';

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

const LOOK_MS = 250;

/** Services of another process, which comes and goes. A call waits a while for it, as {@link PatientCalls} do. */
export class RemoteProcess {
  private readonly link: ProcessLink;
  private readonly calls: PatientCalls;
  private present: boolean | null = null;
  private stopLooking: Cancel = () => {};
  private closed = false;

  constructor(private readonly options: RemoteProcessOptions) {
    this.link = new ProcessLink(options);
    this.calls = new PatientCalls({
      ...options,
      whom: () => options.name,
      standing: () => this.reached(this.link.standing()),
      connect: async () => this.reached(await this.link.connect()),
    });
  }

  /** Calls throw what those of {@link PatientCalls} throw. */
  service<Definition extends UnaryDefinition>(definition: Definition): ServiceOf<Definition> {
    return this.calls.service(definition);
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
    this.calls.close();
    this.link.close();
  }

  private reached(client: Reached['client'] | null): Reached | null {
    return client === null ? null : { client, address: this.link.address };
  }
}
