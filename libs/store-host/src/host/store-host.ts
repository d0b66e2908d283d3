import { createServer, type Socket } from 'node:net';
import { toPlainError, TuttiError, type Runtime } from '@tutti/kernel';
import { DEFAULT_LIMITS, type StoreHostLimits } from '../limits.js';
import { FrameSocket } from '../protocol/frame-socket.js';
import type { Frame } from '../protocol/frame-codec.js';
import { MAX_HELLO_BYTES, parseMessage, PROTOCOL_VERSION, type ClientMessage } from '../protocol/messages.js';
import { listenAt } from '../socket-path.js';
import type { StoreHostLogger, StorePorts } from '../store-ports.js';
import { blobMethods } from './blob-methods.js';
import { eventBusMethods, eventStoreMethods, mergeMethods, type HostMethods } from './host-methods.js';
import { HostSession } from './host-session.js';
import { BodyBudget } from './incoming-bodies.js';
import { readModelMethods } from './read-model-methods.js';
import { RemoteMembers } from './remote-members.js';

export interface StoreHostOptions {
  /** What is served. They must outlive the host. The bus is opened with the views of every topic that others may subscribe to. */
  readonly ports: StorePorts;
  /** See {@link storeSocketPath}. The caller holds the lock of the data folder. */
  readonly socketPath: string;
  readonly runtime: Runtime;
  readonly logger: StoreHostLogger;
  readonly limits?: Partial<StoreHostLimits>;
}

interface Connection {
  readonly socket: FrameSocket;
  client: string | null;
  session: HostSession | null;
  refused: boolean;
}

/** Serves the ports to other processes of this machine and user. */
export class StoreHost {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #connections = new Set<Connection>();
  readonly #limits: StoreHostLimits;
  readonly #members: RemoteMembers;
  readonly #bodies: BodyBudget;
  readonly #shared: readonly HostMethods[];
  /** Names this life of the host. */
  readonly #id: string;
  #closing: Promise<void> | null = null;

  constructor(private readonly options: StoreHostOptions) {
    const { ports, runtime } = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#members = new RemoteMembers(ports.eventBus, this.#limits, runtime.timers);
    this.#bodies = new BodyBudget(this.#limits);
    this.#id = runtime.ids.next();
    this.#shared = [eventStoreMethods(ports), eventBusMethods(ports, this.#members), blobMethods(ports)];
  }

  /** Connections that stand now. */
  get connections(): number {
    return this.#connections.size;
  }

  async listen(): Promise<void> {
    await listenAt(this.#server, this.options.socketPath);
    this.#server.on('error', (error) => this.options.logger.error('store host: the socket failed', { error: error.message }));
    this.options.logger.info('store host listens', { socket: this.options.socketPath });
  }

  /** Takes no more connections, lets what is under way come to its end for `closeMs` at most, then ends every connection. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** Takes no more, and answers nothing that is under way: all of it may be asked of another host. What members had in hand counts as rejected. */
  async abandon(): Promise<void> {
    this.destroy();
    await this.#members.abandon();
  }

  /** Ends as a kill does: nothing under way is answered, no handler is told. */
  destroy(): void {
    this.#server.close();
    for (const { socket } of this.#connections) socket.destroy();
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#members.close();
    await this.#within(Promise.all([...this.#connections].map(async ({ session }) => session?.idle())));
    for (const { socket, session } of this.#connections) {
      session?.close();
      socket.end();
    }
    await this.#within(closed);
    // Who has not read until now will not.
    for (const { socket } of this.#connections) socket.destroy();
    await closed;
  }

  async #within(promise: Promise<unknown>): Promise<void> {
    const { promise: limit, resolve } = Promise.withResolvers<void>();
    const cancel = this.options.runtime.timers.after(this.#limits.closeMs, resolve);
    await Promise.race([promise, limit]);
    cancel();
  }

  #accept(raw: Socket): void {
    const connection: Connection = {
      client: null,
      session: null,
      refused: false,
      socket: new FrameSocket(raw, {
        maxFirstBytes: MAX_HELLO_BYTES,
        onFrame: (frame) => this.#take(connection, frame),
        onClosed: (error) => {
          cancelHello();
          this.#connections.delete(connection);
          connection.session?.close();
          if (error !== null)
            this.options.logger.warn('store host: a connection failed', { client: connection.client, error: error.message });
        },
      }),
    };
    const cancelHello = this.options.runtime.timers.after(this.#limits.helloMs, () => {
      if (connection.session === null) connection.socket.destroy(new Error(`no hello within ${this.#limits.helloMs} ms`));
    });
    this.#connections.add(connection);
    if (this.#connections.size > this.#limits.maxConnections) {
      this.#refuse(
        connection,
        new TuttiError('OVERLOADED', `${this.#limits.maxConnections} processes are connected to the store host already`),
      );
    }
  }

  #take(connection: Connection, frame: Frame): void {
    if (connection.refused) return;
    if (connection.session !== null) return connection.session.take(frame);
    const hello = parseMessage<ClientMessage>(frame.text);
    if (hello.t !== 'hello') throw new TypeError(`the first message is ${hello.t}, expected hello`);
    if (hello.protocol !== PROTOCOL_VERSION) {
      const found = `this process speaks version ${hello.protocol} of the store host's protocol, the holder of the data folder ${PROTOCOL_VERSION}`;
      return this.#refuse(
        connection,
        new TuttiError('INVALID_CONFIG', `${found}: run the same version of Tutti in all processes of a data folder`),
      );
    }
    this.#welcome(connection, hello.client);
  }

  #welcome(connection: Connection, client: string): void {
    // What is left of a former connection of the same process is over, though its end may not have been seen yet.
    for (const other of this.#connections) if (other.client === client) this.#drop(other);
    const { socket } = connection;
    connection.client = client;
    connection.session = new HostSession({
      socket,
      methods: mergeMethods([...this.#shared, readModelMethods(this.options.ports)]),
      limits: this.#limits,
      bodies: this.#bodies,
      settle: (subscription, delivery, error) => this.#members.settle(subscription, delivery, error),
    });
    const { maxFrameBytes } = this.#limits;
    socket.trust(maxFrameBytes);
    socket.send(JSON.stringify({ t: 'welcome', protocol: PROTOCOL_VERSION, host: this.#id, maxFrameBytes }));
  }

  #drop({ session, socket }: Connection): void {
    session?.close();
    socket.destroy();
  }

  #refuse(connection: Connection, error: TuttiError): void {
    const { socket } = connection;
    connection.refused = true;
    this.options.logger.warn('store host: a connection is refused', { error: error.message });
    socket.send(JSON.stringify({ t: 'refused', error: toPlainError(error) }));
    socket.end();
  }
}

/**
 * Serves the four ports of a data folder over a local socket.
 *
 * @throws TuttiError INVALID_CONFIG where the socket cannot be
 */
export async function serveStoreHost(options: StoreHostOptions): Promise<Pick<StoreHost, 'abandon' | 'close' | 'connections'>> {
  const host = new StoreHost(options);
  await host.listen();
  return host;
}
