import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Effect {
  readonly runId: string;
  readonly task: string;
  readonly attempt: number;
  /** Milliseconds since 1970, when the witness was told. */
  readonly atMs: number;
}

export interface Witness {
  readonly url: string;
  /** In the order of their arrival. */
  readonly effects: readonly Effect[];
  close(): Promise<void>;
}

/** Remembers every effect, in a process that nobody kills. */
export async function openWitness(): Promise<Witness> {
  const effects: Effect[] = [];
  const server = createServer((request, response) => {
    readBody(request).then(
      (text) => {
        const { runId, task, attempt } = JSON.parse(text) as Omit<Effect, 'atMs'>;
        effects.push({ runId, task, attempt, atMs: Date.now() });
        response.writeHead(204).end();
      },
      // The caller was killed while it spoke: nothing was said, nothing is counted.
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    effects,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (!request.complete) throw new Error('the request broke off');
  return Buffer.concat(chunks).toString('utf8');
}
