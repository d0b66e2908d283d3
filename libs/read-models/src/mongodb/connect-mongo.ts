import { TuttiError, type Runtime } from '@tutti/kernel';
import mongoose, { type Connection, type ConnectOptions } from 'mongoose';
import { isRefusedLogin, translateMongoError } from './mongo-errors.js';

export interface MongoTimeouts {
  /** How long the first connection is tried for, with growing pauses. Default 30,000. */
  readonly firstConnectMs?: number;
  /** How long a call waits for a server to be found while there is none. Default 5,000. */
  readonly selectMs?: number;
  /** How long opening a socket may take. Default 5,000. */
  readonly connectMs?: number;
  /** How long a server may be silent over a call. Default 15,000. */
  readonly answerMs?: number;
  /** How often the server is asked whether it is there. Default 2,000. */
  readonly heartbeatMs?: number;
}

export interface MongoTls {
  /** Certificates of the authorities that are believed, PEM; the system's where left out. */
  readonly caFile?: string;
  /** This client's certificate and key in one PEM file, where the server asks for one. */
  readonly certificateKeyFile?: string;
  readonly certificateKeyFilePassword?: string;
}

export interface MongoCredentials {
  readonly username: string;
  readonly password: string;
  /** Database that holds the user. Default: the URL's, else `admin`. */
  readonly source?: string;
  /** As `SCRAM-SHA-256`. Default: what the server offers. */
  readonly mechanism?: string;
}

interface MongoLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface MongoOptions {
  /** `mongodb://` or `mongodb+srv://`; may carry credentials, TLS and whatever else the driver takes. */
  readonly url: string;
  /** Default: the URL's, else `tutti`. */
  readonly database?: string;
  /** Shown by the server beside the connection. Default `tutti`. */
  readonly appName?: string;
  /** Most sockets to one server. Default 50. */
  readonly maxConnections?: number;
  readonly timeouts?: MongoTimeouts;
  /** Given: TLS is on, whatever the URL says. */
  readonly tls?: MongoTls;
  readonly credentials?: MongoCredentials;
  readonly logger?: MongoLogger;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  /** Ends the first attempts to connect. */
  readonly signal?: AbortSignal;
}

/** `sinceMs`: wall clock of the last change. */
export type MongoState =
  | { readonly state: 'connected'; readonly sinceMs: number }
  /** No server takes writes. Calls wait for one up to `selectMs`, then fail; it is looked for on and on. */
  | { readonly state: 'unavailable'; readonly sinceMs: number; readonly reason: string }
  | { readonly state: 'closed'; readonly sinceMs: number };

/** One for a process: read models, blobs and whatever else is kept in MongoDB share it. */
export interface MongoConnection {
  readonly connection: Connection;
  /** Server and database for messages, without credentials. */
  readonly where: string;
  state(): MongoState;
  /**
   * Runs work on the connection, so that what the driver throws comes out as a TuttiError: STORE_UNAVAILABLE, retryable, while the server cannot be
   * reached; SHUTTING_DOWN once closed.
   */
  readonly use: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Closing twice does nothing. */
  close(): Promise<void>;
}

const DEFAULT_DATABASE = 'tutti';
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Connects, and finds the server again by itself whenever it was away. Writes are acknowledged by a majority that has them in its journal; reads are from
 * the primary.
 *
 * @throws TuttiError STORE_UNAVAILABLE, retryable, when no server answers within `firstConnectMs` · INVALID_CONFIG for an address or credentials that are not
 * taken · CANCELLED when the signal says so
 */
export async function connectMongo(options: MongoOptions): Promise<MongoConnection> {
  const { runtime, logger } = options;
  const database = options.database ?? databaseOf(options.url) ?? DEFAULT_DATABASE;
  const where = `MongoDB at ${withoutCredentials(options.url)}, database ${database}`;
  const connection = mongoose.createConnection();
  const deadline = runtime.clock.monotonic() + (options.timeouts?.firstConnectMs ?? 30_000);
  for (let attempt = 0; ; attempt++) {
    if (options.signal?.aborted === true) throw new TuttiError('CANCELLED', `connecting to ${where} was given up`);
    try {
      await connection.openUri(options.url, driverOptions(options, database));
      break;
    } catch (error) {
      const translated = translateMongoError(causeOf(error), where);
      await connection
        .getClient()
        ?.close()
        .catch(() => undefined);
      if (!translated.retryable || isRefusedLogin(error)) {
        const message = `${where} cannot be connected to as configured (${translated.message}); check address, credentials, the database that holds the user, and TLS`;
        throw new TuttiError('INVALID_CONFIG', message, { cause: error });
      }
      const delayMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
      if (runtime.clock.monotonic() + delayMs > deadline) throw translated;
      logger?.warn('MongoDB does not answer yet', { where, delayMs, err: translated });
      await pause(runtime, delayMs, options.signal);
    }
  }
  return watched(connection, where, options);
}

function watched(connection: Connection, where: string, { runtime, logger }: MongoOptions): MongoConnection {
  let state: MongoState = { state: 'connected', sinceMs: runtime.clock.now() };
  let closing: Promise<void> | null = null;
  connection.getClient().on('topologyDescriptionChanged', ({ newDescription }) => {
    if (closing !== null) return;
    const servers = [...newDescription.servers.values()];
    const writable = servers.some((server) => server.isWritable);
    if (writable === (state.state === 'connected')) return;
    const reason = servers.map((server) => server.error?.message).find((message) => message !== undefined) ?? 'no server takes writes';
    const sinceMs = runtime.clock.now();
    if (writable) logger?.info('MongoDB is back', { where, awayMs: sinceMs - state.sinceMs });
    else logger?.warn('MongoDB is not available', { where, reason });
    state = writable ? { state: 'connected', sinceMs } : { state: 'unavailable', sinceMs, reason };
  });
  return {
    connection,
    where,
    state: () => state,
    async use(work) {
      if (closing !== null) throw new TuttiError('SHUTTING_DOWN', `the connection to ${where} is closed`);
      try {
        return await work();
      } catch (error) {
        if (closing !== null) throw new TuttiError('SHUTTING_DOWN', `the connection to ${where} was closed meanwhile`, { cause: error });
        throw translateMongoError(error, where);
      }
    },
    close() {
      closing ??= connection.close().then(() => {
        state = { state: 'closed', sinceMs: runtime.clock.now() };
      });
      return closing;
    },
  };
}

function driverOptions(options: MongoOptions, database: string): ConnectOptions {
  const { timeouts = {}, tls, credentials } = options;
  return {
    dbName: database,
    appName: options.appName ?? 'tutti',
    // Indexes and collections are made by whoever opens them, and a call while the server is away fails instead of being kept for later.
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    maxPoolSize: options.maxConnections ?? 50,
    // What a burst has opened is not kept for good.
    maxIdleTimeMS: 60_000,
    serverSelectionTimeoutMS: timeouts.selectMs ?? 5_000,
    waitQueueTimeoutMS: timeouts.selectMs ?? 5_000,
    connectTimeoutMS: timeouts.connectMs ?? 5_000,
    socketTimeoutMS: timeouts.answerMs ?? 15_000,
    heartbeatFrequencyMS: timeouts.heartbeatMs ?? 2_000,
    readPreference: 'primary',
    writeConcern: { w: 'majority', journal: true },
    ignoreUndefined: true,
    ...(tls === undefined
      ? {}
      : {
          tls: true,
          ...(tls.caFile === undefined ? {} : { tlsCAFile: tls.caFile }),
          ...(tls.certificateKeyFile === undefined ? {} : { tlsCertificateKeyFile: tls.certificateKeyFile }),
          ...(tls.certificateKeyFilePassword === undefined ? {} : { tlsCertificateKeyFilePassword: tls.certificateKeyFilePassword }),
        }),
    ...(credentials === undefined
      ? {}
      : {
          auth: { username: credentials.username, password: credentials.password },
          ...(credentials.source === undefined ? {} : { authSource: credentials.source }),
          ...(credentials.mechanism === undefined ? {} : { authMechanism: credentials.mechanism as 'DEFAULT' }),
        }),
  };
}

/** Mongoose wraps what the driver threw. */
function causeOf(error: unknown): unknown {
  if (error instanceof mongoose.Error.MongooseServerSelectionError)
    return new mongoose.mongo.MongoNetworkError(error.message, { cause: error });
  return error;
}

function databaseOf(url: string): string | undefined {
  return /^mongodb(?:\+srv)?:\/\/[^/]+\/([^/?]+)/.exec(url)?.[1];
}

function withoutCredentials(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/]*@/, '')
    .replace(/[/?].*$/, '');
}

async function pause({ timers }: Pick<Runtime, 'timers'>, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = timers.after(delayMs, () => resolve(undefined));
  const abort = () => resolve(undefined);
  signal?.addEventListener('abort', abort);
  await promise;
  signal?.removeEventListener('abort', abort);
  cancel();
}
