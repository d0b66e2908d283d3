import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { TuttiError } from '@tutti/kernel';
import type { ConnectionGuard } from './connection-guard.js';

/** Hands connections to a server of gRPC that has no bounds for them itself. Nothing is encrypted, so the host must be a loopback address. */
export class GrpcListener {
  private readonly injector: ReturnType<Server['createConnectionInjector']>;
  private readonly server: NetServer;

  constructor(server: Server, guard: ConnectionGuard) {
    this.injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    this.server = createServer({ noDelay: true }, (socket: Socket) => {
      if (guard.open(socket)) this.injector.injectConnection(socket);
    });
  }

  /** @returns the port @throws TuttiError INVALID_CONFIG for one that is taken */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error) => {
        reject(new TuttiError('INVALID_CONFIG', `gRPC cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
      });
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** Takes no more connections; resolves when those that are open have ended, which is the server's to do. */
  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
