// Opens connections that never say anything, keeps them, and tells its parent how many are open and how many were closed by the other side.
import { connect } from 'node:net';

const [host, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
let opened = 0;
let closed = 0;
const report = () => process.send?.({ opened, closed });

for (let at = 0; at < count; at++) {
  const socket = connect(port, host);
  socket.once('connect', () => (opened += 1));
  socket.once('error', () => undefined);
  socket.once('close', () => (closed += 1));
  // Learns of its end only while it reads.
  socket.resume();
  // So many at once that the other side's queue of new connections is not what is tested.
  if (at % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 10));
}
report();
setInterval(report, 250);
process.on('disconnect', () => process.exit(0));
