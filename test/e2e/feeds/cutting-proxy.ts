import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands between clients and a server, and cuts connections: at once, or in the middle of what the server sends. */
export class CuttingProxy {
  private readonly pairs = new Set<Pair>();
  private bytesLeft = Infinity;

  private constructor(
    private readonly listener: Server,
    readonly port: number,
  ) {}

  static async before(targetPort: number): Promise<CuttingProxy> {
    const listener = createServer((client) => proxy.join(client, connect(targetPort, '127.0.0.1')));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const proxy = new CuttingProxy(listener, (listener.address() as AddressInfo).port);
    return proxy;
  }

  /** Cuts everything once the server has sent so many bytes more, of which the client still gets them. */
  cutAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  /** Cuts everything now. */
  cut(): void {
    this.bytesLeft = Infinity;
    for (const { client, server } of this.pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    this.pairs.clear();
  }

  close(): void {
    this.cut();
    this.listener.close();
  }

  private join(client: Socket, server: Socket): void {
    const pair = { client, server };
    this.pairs.add(pair);
    const end = (): void => {
      this.pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', end).on('close', end);
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (bytes.length < this.bytesLeft) {
        this.bytesLeft -= bytes.length;
        client.write(bytes);
        return;
      }
      client.write(bytes.subarray(0, this.bytesLeft), () => this.cut());
      this.bytesLeft = Infinity;
    });
  }
}
