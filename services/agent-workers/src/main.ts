import { parseArgs } from 'node:util';
import { toTuttiError } from '@tutti/kernel';
import { readConfig, ShutDown } from '@tutti/service-kit';
import { workerProcessConfig } from './process/worker-process.config.js';
import { WorkerProcess } from './process/worker-process.js';

const USAGE = `Usage: node services/agent-workers/dist/main.js [options]

Hosts agents for the process that owns the runs of a data folder. Either may be started first. Prints "ready <worker>" when it takes tasks.

  --data-dir DIR  the data folder (default: .tutti)
  --help          print this and end`;

const shutDown = new ShutDown(process);
try {
  loadDotEnv();
  const options = { 'data-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ options, allowPositionals: false });
  if (values.help === true) process.stdout.write(`${USAGE}\n`);
  else await serve(values['data-dir']);
} catch (error) {
  const { code, message } = toTuttiError(error);
  process.stderr.write(`tutti agent-workers cannot start: ${message} (${code})\n`);
  process.exit(1);
}

async function serve(dataDir: string | undefined): Promise<void> {
  const cwd = process.cwd();
  const config = await readConfig(workerProcessConfig, cwd, process.env, { TUTTI_DATA_DIR: dataDir });
  const worker = new WorkerProcess({ config, cwd, environment: process.env, pid: process.pid });
  shutDown.arm(() => worker.stop());
  process.stdout.write(`ready ${await worker.start()}\n`);
}

function loadDotEnv(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
