import type { Logger } from '@tutti/service-kit';
import type { LoadClass } from '@tutti/rest-contract';
import type { Principal } from '../access/principal.js';
import type { BoundedLines } from './bounded-lines.js';

export interface Answered {
  readonly requestId: string;
  /** Of HTTP, or `gRPC`. */
  readonly method: string;
  /** The route's name, or its pattern. */
  readonly route: string;
  readonly path: string;
  readonly load: LoadClass;
  readonly principal: Principal | null;
  readonly address: string | undefined;
  /** Of HTTP, or of gRPC where 0 is well. */
  readonly status: number;
  readonly refused: boolean;
  /** The other side was gone before it had its answer. */
  readonly brokenOff: boolean;
  readonly ms: number;
}

/** One line for each request: changes and refusals for whoever looks after the system, what only reads for whoever looks for a fault. */
export class AccessLog {
  constructor(
    private readonly logger: Logger,
    /** For refusals of those who showed no good credential. */
    private readonly lines: BoundedLines,
  ) {}

  answered({ load, principal, refused, brokenOff, ...fields }: Answered): void {
    const line = { ...fields, actor: principal?.actor ?? null, ...(brokenOff ? { brokenOff } : {}) };
    if (refused && principal === null) this.lines.say('info', 'refused', line);
    else if (refused) this.logger.info('refused', { ...line, credential: principal?.credential.id });
    else if (principal === null || load === 'read' || READING.has(fields.method)) this.logger.debug('answered', line);
    else this.logger.info('answered', { ...line, credential: principal.credential.id });
  }
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
