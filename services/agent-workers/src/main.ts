import { readConfig } from '@tutti/service-kit';
import { runProcess } from '@tutti/service-process';
import { workerProcessConfig } from './process/worker-process.config.js';
import { createWorkerProcess } from './process/worker-process.js';

await runProcess(process, {
  name: 'agent-workers',
  usage: `Usage: node services/agent-workers/dist/main.js [options]

Hosts agents for the process that owns the runs of a data folder. Either may be started first. Prints "ready <worker>" when it takes tasks.

  --data-dir DIR  the data folder (default: .tutti)
  --help          print this and end`,
  options: { 'data-dir': 'TUTTI_DATA_DIR' },
  create: async (place, flags) => createWorkerProcess(await readConfig(workerProcessConfig, place.cwd, place.environment, flags), place),
});
