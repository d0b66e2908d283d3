import type { Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import type { Tracer } from './tracer.js';
import type { TracingConfig } from './tracing.config.js';

export interface TracingOptions {
  readonly config: TracingConfig;
  /** Like `coordinator`. */
  readonly service: string;
  readonly pid: number;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what waits, for as long as the configuration says, and ends. Never rejects; repeats answer the first call. */
  close(): Promise<void>;
}
