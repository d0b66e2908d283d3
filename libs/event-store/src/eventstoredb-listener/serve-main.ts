import { TuttiError } from '@tutti/kernel';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { serveDataFolder } from './serve-data-folder.js';

// Serves a data folder's event store by EventStoreDB's protocol: `node serve-main.js <data folder> [port]`. Port 0, the default, is any free one.
const [folder = '', portText = '0'] = process.argv.slice(2);
const port = Number(portText);
if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TuttiError('INVALID_CONFIG', `${portText} is no port`);

const served = await serveDataFolder({ folder, port, runtime: createProcessRuntime() });
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
