import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Standalone } from '../product/standalone-process.js';

const ANSWER_LIMIT_MS = 10_000;
const STATUS_LINE = /HTTP\/1\.1 (\d{3}) /g;

export function socketTo(system: Standalone): Socket {
  const { hostname, port } = new URL(system.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  return socket;
}

/**
 * Sends bytes as they are and collects what comes back until the other side closes the connection. Resolves to the statuses that were answered, in order, and `open` at the end when the
 * connection was still open after the limit.
 */
export async function sendRaw(
  system: Standalone,
  bytes: string | Buffer,
  limitMs = ANSWER_LIMIT_MS,
): Promise<readonly (number | 'open')[]> {
  const socket = socketTo(system);
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
  await once(socket, 'connect');
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  const closed = await endOf(socket, limitMs);
  socket.destroy();
  const statuses = [...heard.matchAll(STATUS_LINE)].map(([, status]) => Number(status));
  return closed ? statuses : [...statuses, 'open'];
}

/** Whether it was closed by the other side within the limit. */
export function endOf(socket: Socket, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

interface LogLine {
  readonly msg: string;
  readonly status?: number;
  readonly path?: string;
  readonly actor?: string | null;
  readonly route?: string;
  readonly reason?: string;
  readonly requestId?: string;
  readonly ms?: number;
}

export function logOf({ dataDir }: Standalone): readonly LogLine[] {
  // The last one may be half written yet; it ends with the end of its line.
  const lines = readFileSync(join(dataDir, 'tutti.log'), 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
}
