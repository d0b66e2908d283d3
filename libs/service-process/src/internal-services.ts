import { DiagnosticsServiceService, type DiagnosticsService } from '@tutti/contracts';
import {
  InternalServer,
  removeServiceInfo,
  writeServiceInfo,
  type Phase,
  type ServedContract,
  type ServiceOf,
  type ServiceRole,
} from '@tutti/service-kit';
import type { ProcessParts } from './embedded/process-parts.js';

interface InternalServicesOptions {
  readonly parts: ProcessParts;
  readonly pid: number;
  /** A loopback address. Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
}

/** What a process serves to the others of its data folder: found by a file, open from the moment that it is ready. */
export class InternalServices {
  readonly server: InternalServer;
  private address = '';
  private stopWatching: () => void = () => {};

  constructor(private readonly options: InternalServicesOptions) {
    const { parts, host, port } = options;
    const place = { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
    this.server = new InternalServer({ tokens: parts.tokens, runtime: parts.runtime, logger: parts.logger, ...place });
  }

  /** @param get gives what is behind an injection token */
  add(contracts: readonly ServedContract[], get: (token: symbol) => unknown, diagnostics: DiagnosticsService): void {
    for (const { definition, token } of contracts) this.server.add(definition, get(token) as ServiceOf<typeof definition>);
    this.server.add(DiagnosticsServiceService, diagnostics);
  }

  /** Listens, and can be found by these. Calls of {@link add} are refused until {@link open}. */
  listen(name: string, roles: readonly ServiceRole[]): Phase {
    const { parts, pid } = this.options;
    return {
      name,
      start: async () => {
        this.address = await this.server.listen();
        for (const role of roles) await writeServiceInfo(parts.dataDir, role, { address: this.address, pid });
      },
      stop: async () => {
        for (const role of roles) await removeServiceInfo(parts.dataDir, role, pid);
        await this.server.close();
      },
    };
  }

  /** The last to start, the first to stop: what is in hand is answered, nothing more is taken. Ready as long as there is a store host. */
  open(role: ServiceRole): Phase {
    const { parts, pid } = this.options;
    return {
      name: 'services',
      start: async () => {
        this.server.open();
        this.stopWatching = parts.folder.onStatus(({ status }) => this.server.setReady(status === 'connected'));
        this.server.setReady(parts.folder.status.status === 'connected');
        await writeServiceInfo(parts.dataDir, role, { address: this.address, pid });
        parts.logger.info('ready', { address: this.address, dataDir: parts.dataDir });
      },
      stop: async () => {
        this.stopWatching();
        await removeServiceInfo(parts.dataDir, role, pid);
        await this.server.shut();
      },
    };
  }

  /** `host:port`; empty before it listens. */
  get listensAt(): string {
    return this.address;
  }
}
