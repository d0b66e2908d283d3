import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { join, resolve } from 'node:path';
import { TuttiError } from '@tutti/kernel';

const SOCKET_NAME = 'store.sock';
/** Of `sockaddr_un` on Linux and macOS, with the byte that ends it. */
const MAX_PATH_BYTES: Partial<Record<NodeJS.Platform, number>> = { linux: 107, darwin: 103 };
const OTHERS = 0o177;
/** Processes that connect at the same moment; beyond it they try again. */
const BACKLOG = 4_096;

/** Where the store host of a data folder listens: a socket in it; on Windows a pipe named for it. */
export function storeSocketPath(dataFolder: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return join(dataFolder, SOCKET_NAME);
  const name = createHash('sha256').update(resolve(dataFolder).toLowerCase()).digest('hex').slice(0, 32);
  return `\\\\.\\pipe\\tutti-${name}`;
}

/**
 * Binds the socket for this user alone, in place of one that a killed process left. The caller holds the lock of the data folder, so nobody
 * listens there.
 *
 * @throws TuttiError INVALID_CONFIG for a path that is too long, or at which something else than a socket stands
 */
export async function listenAt(server: Server, socketPath: string): Promise<void> {
  const isFile = !socketPath.startsWith('\\\\');
  if (isFile) makeRoom(socketPath);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Binding happens within the call, so that the socket never stands there for others to open.
    const mask = isFile ? process.umask(OTHERS) : null;
    try {
      server.listen({ path: socketPath, backlog: BACKLOG }, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      if (mask !== null) process.umask(mask);
    }
  });
  if (isFile) chmodSync(socketPath, 0o600);
}

function makeRoom(socketPath: string): void {
  const limit = MAX_PATH_BYTES[process.platform] ?? 103;
  const bytes = Buffer.byteLength(socketPath);
  if (bytes > limit) {
    throw new TuttiError(
      'INVALID_CONFIG',
      `the socket ${socketPath} has a path of ${bytes} bytes, the system takes ${limit}: choose a data folder with a shorter path`,
    );
  }
  const found = lstatSync(socketPath, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new TuttiError('INVALID_CONFIG', `${socketPath} is no socket: move away what stands there`);
  unlinkSync(socketPath);
}
