import type { Agent } from 'node:http';
import { WebSocket } from 'ws';
import type { OpenSocket } from '../system/client-system.port.js';

const HANDSHAKE_LIMIT_MS = 10_000;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

export const openWebSocket: OpenSocket = (...request) => open({}, ...request);

/** By an agent that knows the way: a proxy, certificates of one's own. */
export function openWebSocketBy(agentFor: (url: string) => Agent): OpenSocket {
  return (url, ...rest) => open({ agent: agentFor(url) }, url, ...rest);
}

const open = (options: { readonly agent?: Agent }, ...[url, headers, events]: Parameters<OpenSocket>): ReturnType<OpenSocket> => {
  const socket = new WebSocket(url, ['tutti.v1'], {
    ...options,
    headers: { ...headers },
    handshakeTimeout: HANDSHAKE_LIMIT_MS,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  let over = false;
  const close = (reason: string): void => {
    if (over) return;
    over = true;
    events.closed(reason);
  };
  socket.on('open', () => events.opened());
  socket.on('message', (data: Buffer) => events.message(data.toString('utf8')));
  socket.on('unexpected-response', (_request, response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => (body.length < MAX_REFUSAL_BYTES ? (body += part) : undefined));
    const done = (): void => {
      if (over) return;
      events.refused(response.statusCode ?? 0, body);
      close(`answered ${response.statusCode ?? 0}`);
      socket.terminate();
    };
    response.on('end', done);
    response.on('error', done);
  });
  socket.on('error', (error) => close(error.message));
  socket.on('close', (code, reason) => close(`closed with ${code}${reason.length > 0 ? ` ${reason.toString('utf8')}` : ''}`));
  return {
    send: (text) => (socket.readyState === WebSocket.OPEN ? socket.send(text) : undefined),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    terminate: () => socket.terminate(),
  };
};
