import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TuttiError } from '@tutti/kernel';
import { problemHeaders, problemOf, problemOfConnection, type Problem } from './problem.js';

/** Answers on a bare connection, where there is no request that could be answered, and closes it. */
export function refuseConnection(socket: Duplex, problem: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problem);
  const headers = { ...problemHeaders(problem), 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}

/** For the `clientError` event of the HTTP server: what arrived is no request. */
export function answerConnectionError(error: Error & { readonly code?: string }, socket: Duplex): void {
  // A second answer behind one that has begun would be read as a part of it. Node's own handler looks there as well.
  const begun = (socket as { readonly _httpMessage?: ServerResponse | null })._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET') socket.destroy();
  else if (begun) socket.end(() => socket.destroy());
  else refuseConnection(socket, problemOfConnection(error.code));
}

/** For the `checkExpectation` event: an Expect header other than "100-continue". */
export function answerExpectation(response: ServerResponse): void {
  const problem = {
    ...problemOf(new TuttiError('INVALID_REQUEST', 'the Expect header asks for something that is not known here')),
    status: 417,
  };
  response.writeHead(problem.status, { ...problemHeaders(problem), connection: 'close' });
  response.end(JSON.stringify(problem));
}
