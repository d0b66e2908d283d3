import { connect, createServer, type Socket } from 'node:net';

/** Between a process and its host: connections through it can be broken at any moment, with both ends alive. */
export interface BreakableProxy {
  readonly socketPath: string;
  /** Breaks every connection there is. */
  breakAll(): void;
  close(): Promise<void>;
}

export async function startProxy(socketPath: string, target: string): Promise<BreakableProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    breakAll,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      breakAll();
      await closed;
    },
  };
}
