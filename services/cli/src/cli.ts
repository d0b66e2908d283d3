import { dataFolder, type Endpoint } from '@tutti/client/http';
import { createApi, type Api } from './api/api.js';
import { followFeed } from './api/feed.js';
import type { OpenFeed } from './api/follow-run.js';
import { createHttpClient } from './api/http-client.js';
import { requireServer } from './connection/locate-server.js';
import type { Environment } from './environment.port.js';
import { documentText, streamItemText, type OutputFormat } from './output/output-format.js';
import { canRedraw, createStyle, wantsColor, type ColorChoice, type Style } from './terminal/style.js';
import { renderTable, type Column } from './terminal/table.js';

export interface GlobalOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
  readonly output?: OutputFormat;
  readonly json?: boolean;
  readonly color?: ColorChoice;
  readonly wide?: boolean;
}

export interface Connected {
  readonly endpoint: Endpoint;
  readonly api: Api;
  readonly openFeed: OpenFeed;
}

/** What a command works with. Results go to standard output, everything said beside them to standard error. */
export interface Cli {
  readonly environment: Environment;
  readonly options: GlobalOptions;
  readonly format: OutputFormat;
  readonly dataDir: string;
  /** For standard output. */
  readonly style: Style;
  /** For standard error. */
  readonly errorStyle: Style;
  /** Whether progress is drawn in place. */
  readonly live: boolean;
  /** Now, in milliseconds since 1970. */
  now(): number;
  /** A line for a person, on standard output. */
  line(text?: string): void;
  /** A line beside the result, on standard error. */
  say(text: string): void;
  /** The result: `raw` whole for programs, or what `human` prints. */
  result(raw: unknown, human: () => void): void;
  /** One of many: NDJSON or YAML documents for programs, or what `human` prints. */
  item(raw: unknown, human: () => void): void;
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): void;
  /** @throws Failure NOT_RUNNING */
  connect(): Promise<Connected>;
  connectTo(endpoint: Endpoint): Connected;
}

export function createCli(environment: Environment, options: GlobalOptions): Cli {
  const { stdout, stderr, env, runtime } = environment;
  const format = options.json === true ? 'json' : (options.output ?? 'table');
  const color = options.color ?? 'auto';
  const style = createStyle(wantsColor(color, stdout.isTty, env));
  const line = (text = ''): void => stdout.write(`${text}\n`);
  const connectTo = (endpoint: Endpoint): Connected => ({
    endpoint,
    api: createApi(createHttpClient(endpoint, environment)),
    openFeed: (request) => followFeed({ endpoint, openSocket: environment.openSocket, runtime }, request),
  });
  return {
    environment,
    options,
    format,
    dataDir: dataFolder(options, environment),
    style,
    errorStyle: createStyle(wantsColor(color, stderr.isTty, env)),
    live: format === 'table' && canRedraw(stdout.isTty, env),
    now: () => runtime.clock.now(),
    line,
    say: (text) => stderr.write(`${text}\n`),
    result: (raw, human) => (format === 'table' ? human() : stdout.write(documentText(format, raw))),
    item: (raw, human) => (format === 'table' ? human() : stdout.write(streamItemText(format, raw))),
    table(rows, columns, none) {
      if (rows.length === 0) return line(style.dim(none));
      const wide = options.wide === true;
      // What is piped is cut nowhere: nobody can widen a pipe.
      const width = wide || !stdout.isTty ? Number.MAX_SAFE_INTEGER : stdout.columns();
      for (const text of renderTable(rows, columns, { width, wide, style })) line(text);
    },
    connect: async () => connectTo(await requireServer(options, environment)),
    connectTo,
  };
}
