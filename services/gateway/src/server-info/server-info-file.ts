import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the CLI finds the server of a data folder. */
export interface ServerInfo {
  readonly url: string;
  /** Of gRPC, like `grpc://127.0.0.1:50051`. */
  readonly grpcUrl?: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly version: string;
  /** Where workers in other processes find the owner of runs and the store; left out when it takes none. */
  readonly workers?: { readonly address: string; readonly storeSocket: string };
}

export function serverInfoPath(dataDir: string): string {
  return join(dataDir, 'server.json');
}

/** Writes the file whole or not at all, for its owner alone. */
export async function writeServerInfo(dataDir: string, info: ServerInfo): Promise<void> {
  const path = serverInfoPath(dataDir);
  const draft = `${path}.${info.pid}.tmp`;
  await mkdir(dataDir, { recursive: true });
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
}

/** Removes the file if it is about the process with this id; another server's stays. */
export async function removeServerInfo(dataDir: string, pid: number): Promise<void> {
  const path = serverInfoPath(dataDir);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null && pidOf(text) === pid) await rm(path, { force: true });
}

function pidOf(text: string): unknown {
  try {
    return (JSON.parse(text) as Partial<ServerInfo> | null)?.pid;
  } catch {
    return undefined;
  }
}
