// Begins calls of gRPC and takes each back at once, in plain frames, on one connection after the other; tells its parent how many there were and how often it was cut off.
import { once } from 'node:events';
import { connect } from 'node:net';

const [host, port, token] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const [connections, perConnection] = [Number(process.argv[5]), Number(process.argv[6])];
const [HEADERS, RST_STREAM, SETTINGS] = [1, 3, 4];
const END_HEADERS = 4;
const CANCEL = Buffer.from([0, 0, 0, 8]);
const CALLS_PER_WRITE = 100;
const LAST_WORD_MS = 2_000;

function frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// Each name and value as they are, unindexed; all are shorter than 127 bytes.
function literal(name, value) {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
}

const headers = Buffer.concat([
  literal(':method', 'POST'),
  literal(':scheme', 'http'),
  literal(':path', '/tutti.v1.RunService/ListRuns'),
  literal(':authority', 'localhost'),
  literal('content-type', 'application/grpc'),
  literal('te', 'trailers'),
  literal('authorization', `Bearer ${token}`),
]);

/** Or the connection ends before. */
function happens(socket, event, closed) {
  return Promise.race([once(socket, event).catch(() => closed), closed]);
}

let sent = 0;
let cutOff = 0;
for (let at = 0; at < connections; at++) {
  const socket = connect(port, host);
  let over = false;
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', () => resolve((over = true))));
  socket.resume();
  await happens(socket, 'connect', closed);
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0, Buffer.alloc(0))]));
  for (let call = 0; call < perConnection && !over; call += CALLS_PER_WRITE) {
    const frames = [];
    for (let one = 0; one < CALLS_PER_WRITE; one++) {
      const stream = 2 * (call + one) + 1;
      frames.push(frame(HEADERS, END_HEADERS, stream, headers), frame(RST_STREAM, 0, stream, CANCEL));
    }
    sent += CALLS_PER_WRITE;
    if (!socket.write(Buffer.concat(frames))) await happens(socket, 'drain', closed);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, LAST_WORD_MS))]);
  if (over) cutOff += 1;
  socket.destroy();
}
process.send?.({ sent, cutOff });
process.disconnect();
