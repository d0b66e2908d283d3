import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const FINAL_TEXT = 0x81;
const MASKED = 0x80;
/** Longest payload whose length stands in the second byte. */
const SHORT = 125;

interface Subscribed {
  readonly socket: Socket;
  readonly isOpen: () => boolean;
}

/** A WebSocket that subscribes to everything that comes, and takes nothing of it. */
export async function unreadingSocket(url: string, token: string): Promise<Subscribed> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let open = true;
  socket.on('error', () => {});
  socket.on('close', () => (open = false));
  await once(socket, 'connect');
  const head = [
    'GET /v1/feed HTTP/1.1',
    `Host: ${hostname}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Authorization: Bearer ${token}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString().startsWith('HTTP/1.1 101')) throw new Error(`the upgrade was answered: ${answer.toString()}`);
  socket.pause();
  socket.write(textFrame(JSON.stringify({ type: 'subscribe', id: 's', after: 'head' })));
  return { socket, isOpen: () => open };
}

/** As a client sends it (RFC 6455): masked. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > SHORT) throw new Error(`${payload.length} bytes are more than a short frame has`);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([FINAL_TEXT, MASKED | payload.length]), mask, masked]);
}
