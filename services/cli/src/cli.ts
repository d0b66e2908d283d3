import type { Endpoint } from '@tutti/client/http';
import { createApi, type Api } from './api/api.js';
import { followFeed } from './api/feed.js';
import type { OpenFeed } from './api/follow-run.js';
import { createHttpClient } from './api/http-client.js';
import { requireServer } from './connection/locate-server.js';
import { resolveConnection, type ConnectionSettings } from './connection/settings.js';
import type { Environment } from './environment.port.js';
import type { GlobalOptions } from './global-options.js';
import { createPrinter, type Printer } from './output/printer.js';
import { canRedraw, createStyle, wantsColor, type Style } from './terminal/style.js';

export interface Connected {
  readonly endpoint: Endpoint;
  readonly api: Api;
  readonly openFeed: OpenFeed;
}

/** What a command works with. Results go to standard output, everything said beside them to standard error. */
export interface Cli extends Printer {
  readonly environment: Environment;
  readonly options: GlobalOptions;
  /** For standard error. */
  readonly errorStyle: Style;
  /** Whether progress is drawn in place. */
  readonly live: boolean;
  /** Now, in milliseconds since 1970. */
  now(): number;
  /** Which system is meant, by flags, environment, profile and data folder in this order. The same for all of a command. */
  settings(): Promise<ConnectionSettings>;
  /** @throws Failure NOT_RUNNING */
  connect(): Promise<Connected>;
  connectTo(endpoint: Endpoint): Promise<Connected>;
}

export function createCli(environment: Environment, options: GlobalOptions): Cli {
  const { stdout, stderr, env, runtime } = environment;
  const color = options.color ?? 'auto';
  const printer = createPrinter(environment, options);
  let resolved: Promise<ConnectionSettings> | null = null;
  const settings = (): Promise<ConnectionSettings> => (resolved ??= resolveConnection(options, environment));
  const connectTo = async (endpoint: Endpoint): Promise<Connected> => {
    const { fetch, openSocket } = await environment.transport((await settings()).tls);
    return {
      endpoint,
      api: createApi(createHttpClient(endpoint, { fetch, runtime })),
      openFeed: (request) => followFeed({ endpoint, openSocket, runtime }, request),
    };
  };
  return {
    ...printer,
    environment,
    options,
    errorStyle: createStyle(wantsColor(color, stderr.isTty, env)),
    live: printer.format === 'table' && canRedraw(stdout.isTty, env),
    now: () => runtime.clock.now(),
    settings,
    connect: async () => connectTo(await requireServer(await settings(), environment)),
    connectTo,
  };
}
