import { DiagnosticsServiceService, type DiagnosticsService } from '@tutti/contracts';
import { InternalServer, type Phase, type ServedContract, type ServiceOf, type ServiceRole } from '@tutti/service-kit';
import type { SharedConfig } from './process-config.js';
import type { ProcessParts } from './process-parts.js';

interface InternalServicesOptions {
  readonly parts: ProcessParts;
  /** A loopback address. Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Settings of processes that share a network instead of a data folder: they say where it listens then, and by what address it is called. */
  readonly config: Pick<SharedConfig, 'backends' | 'services'>;
}

/** What a process serves to the others: found by the directory, open from the moment that it is ready. */
export class InternalServices {
  readonly server: InternalServer;
  private address = '';
  private stopWatching: () => void = () => {};

  constructor(private readonly options: InternalServicesOptions) {
    const { parts } = options;
    const { host, port, beyondLoopback } = placeOf(options);
    const place = { beyondLoopback, ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
    this.server = new InternalServer({
      tokens: parts.tokens,
      runtime: parts.runtime,
      logger: parts.logger,
      tracer: parts.tracer,
      ...place,
    });
  }

  /** @param get gives what is behind an injection token */
  add(contracts: readonly ServedContract[], get: (token: symbol) => unknown, diagnostics: DiagnosticsService): void {
    for (const { definition, token } of contracts) this.server.add(definition, get(token) as ServiceOf<typeof definition>);
    this.server.add(DiagnosticsServiceService, diagnostics);
  }

  /** Listens, and can be found by these. Calls of {@link add} are refused until {@link open}. */
  listen(name: string, roles: readonly ServiceRole[]): Phase {
    const { directory } = this.options.parts;
    return {
      name,
      start: async () => {
        const listensAt = await this.server.listen();
        this.address = placeOf(this.options).address ?? listensAt;
        for (const role of roles) await directory.announce(role, this.address);
      },
      stop: async () => {
        for (const role of roles) await directory.withdraw(role);
        await this.server.close();
      },
    };
  }

  /** The last to start, the first to stop: what is in hand is answered, nothing more is taken. Ready as long as what the ports stand on is there. */
  open(role: ServiceRole): Phase {
    const { parts } = this.options;
    const { connections, directory } = parts;
    return {
      name: 'services',
      start: async () => {
        this.server.open();
        const tell = (): void => this.server.setReady(connections.away.length === 0);
        this.stopWatching = connections.onChange(tell);
        tell();
        await directory.announce(role, this.address);
        parts.health.set('serving');
        parts.logger.info('ready', { address: this.address, dataDir: parts.dataDir });
      },
      stop: async () => {
        this.stopWatching();
        parts.health.set('stopping');
        await directory.withdraw(role);
        await this.server.shut();
      },
    };
  }

  /** `host:port` by which others call it; empty before it listens. */
  get listensAt(): string {
    return this.address;
  }
}

function placeOf({ host, port, config: { backends, services } }: Omit<InternalServicesOptions, 'parts'>): {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly address?: string | undefined;
  readonly beyondLoopback: boolean;
} {
  return backends === 'full' ? { ...services, beyondLoopback: true } : { host, port, beyondLoopback: false };
}
