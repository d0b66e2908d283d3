import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type Mode = 'forwarding' | 'swallowing answers' | 'stalled';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  mode: Mode;
}

/** A TCP connection between a client and a server that breaks on demand. */
export class BreakableProxy {
  private readonly pairs = new Set<Pair>();
  private server: Server | null = null;

  private constructor(
    private readonly target: number,
    readonly port: number,
  ) {}

  static async open(target: number): Promise<BreakableProxy> {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const proxy = new BreakableProxy(target, port);
    await proxy.accept();
    return proxy;
  }

  /** Takes connections, after `refuse`. */
  async accept(): Promise<void> {
    this.server = createServer((near) => this.join(near)).listen(this.port, '127.0.0.1');
    const { server } = this;
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  }

  /** Ends all connections, and takes no more. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = null;
    const closed = new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    this.cut();
    await closed;
  }

  /** Ends all connections; new ones are taken. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
    this.pairs.clear();
  }

  /** What the server says is lost from now on, on the connections there are. */
  swallowAnswers(): void {
    for (const pair of this.pairs) pair.mode = 'swallowing answers';
  }

  /** Nothing passes any more on the connections there are, and nobody is told. */
  stall(): void {
    for (const pair of this.pairs) pair.mode = 'stalled';
  }

  close(): Promise<void> {
    return this.refuse();
  }

  private join(near: Socket): void {
    const pair: Pair = { near, far: connect(this.target, '127.0.0.1'), mode: 'forwarding' };
    this.pairs.add(pair);
    const end = (): void => {
      pair.near.destroy();
      pair.far.destroy();
      this.pairs.delete(pair);
    };
    near.on('data', (bytes) => pair.mode !== 'stalled' && pair.far.write(bytes));
    pair.far.on('data', (bytes) => pair.mode === 'forwarding' && near.write(bytes));
    for (const socket of [near, pair.far]) socket.on('close', end).on('error', end);
  }
}
