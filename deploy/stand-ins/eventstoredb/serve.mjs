// The listener on a port of its own, and before it the port of EventStoreDB, where that server also answers HTTP/1 on /health/live.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const LISTENER = '/app/libs/event-store/dist/eventstoredb-listener/serve-main.js';
const { EVENTSTORE_NODE_PORT = '2113', EVENTSTORE_DB = '/var/lib/eventstore' } = process.env;

const listener = spawn(process.execPath, [LISTENER, EVENTSTORE_DB], { stdio: ['ignore', 'pipe', 'inherit'] });
listener.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => listener.kill(signal));
const [ready] = await once(createInterface({ input: listener.stdout }), 'line');
const port = Number(new URL(ready.split(' ')[1]).port);

createServer((caller) => {
  caller.on('error', () => caller.destroy());
  caller.once('data', (first) => {
    if (first.toString('latin1').startsWith('GET /health/live ')) return caller.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    caller.pause();
    const inner = connect(port, '127.0.0.1');
    inner.on('error', () => caller.destroy());
    caller.on('close', () => inner.destroy());
    inner.on('close', () => caller.destroy());
    inner.write(first);
    caller.pipe(inner).pipe(caller);
  });
}).listen(Number(EVENTSTORE_NODE_PORT), '0.0.0.0', () => console.log(`listening on ${EVENTSTORE_NODE_PORT}`));
