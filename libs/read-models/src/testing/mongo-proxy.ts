import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** Address of the Mongo-compatible server that the integration specs run on. */
export function testMongoUrl(): string {
  const url = process.env['TUTTI_TEST_MONGO_URL'];
  if (url === undefined || url === '') throw new Error('TUTTI_TEST_MONGO_URL is not set: npm run test:integration sets it');
  return url;
}

/** Between a client and the server, with both ends alive. */
export interface MongoProxy {
  readonly url: string;
  /** Breaks every connection and takes none until {@link restore}. */
  cut(): void;
  restore(): void;
  /** Keeps connections open and passes nothing on until {@link restore}. */
  stall(): void;
  close(): Promise<void>;
}

/** @param tls what it shows to clients: they speak TLS with it then, as with a server that asks for it */
export async function startMongoProxy(tls?: { readonly key: Buffer; readonly cert: Buffer }): Promise<MongoProxy> {
  const target = new URL(testMongoUrl());
  const sockets = new Set<Socket>();
  let way: 'open' | 'cut' | 'stalled' = 'open';
  const take = (near: Socket) => {
    if (way === 'cut') {
      near.destroy();
      return;
    }
    const far = connect({ host: target.hostname, port: Number(target.port || 27017) });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
    if (way === 'stalled') for (const socket of [near, far]) socket.pause();
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // Keeps credentials and options. Directly, so that a replica set's own addresses do not lead past it.
  const proxied = new URL(testMongoUrl());
  proxied.host = `127.0.0.1:${port}`;
  proxied.searchParams.delete('replicaSet');
  proxied.searchParams.set('directConnection', 'true');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: proxied.href,
    cut() {
      way = 'cut';
      breakAll();
    },
    stall() {
      way = 'stalled';
      for (const socket of sockets) socket.pause();
    },
    restore() {
      way = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      breakAll();
      await closed;
    },
  };
}
