import type { OutputFormat } from './output/output-format.js';
import type { ColorChoice } from './terminal/style.js';

/** What the flags of every command give. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
  readonly output?: OutputFormat;
  readonly json?: boolean;
  readonly color?: ColorChoice;
  readonly columns?: string;
  readonly wide?: boolean;
}
