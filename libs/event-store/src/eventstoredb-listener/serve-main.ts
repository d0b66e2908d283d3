import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TuttiError } from '@tutti/kernel';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { serveDataFolder } from './serve-data-folder.js';

// Serves a data folder's event store by EventStoreDB's protocol: `node serve-main.js <data folder> [port] [--host address] [--cert file --key file [--user name:password]...]`.
// Port 0, the default, is any free one.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { host: { type: 'string' }, cert: { type: 'string' }, key: { type: 'string' }, user: { type: 'string', multiple: true } },
});
const [folder = '', portText = '0'] = positionals;
const port = Number(portText);
if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TuttiError('INVALID_CONFIG', `${portText} is no port`);
const { host, cert, key, user } = values;
const users = user?.map((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)]);

const served = await serveDataFolder({
  ...{ folder, port, runtime: createProcessRuntime() },
  ...(host === undefined ? {} : { host }),
  ...(cert === undefined || key === undefined ? {} : { tls: { cert: readFileSync(cert), key: readFileSync(key) } }),
  ...(users === undefined ? {} : { users: Object.fromEntries(users) as Readonly<Record<string, string>> }),
});
process.stdout.write(`ready ${served.connectionString}\n`);

let ending = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal means now.
    if (ending) process.exit(1);
    ending = true;
    void served.close().then(() => process.exit(0));
  });
}
