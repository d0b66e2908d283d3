import { readConfig } from '@tutti/service-kit';
import { runProcess } from '@tutti/service-process';
import { coordinatorProcessConfig } from './process/coordinator-process.config.js';
import { createCoordinatorProcess } from './process/coordinator-process.js';

await runProcess(process, {
  name: 'coordinator',
  usage: `Usage: node services/coordinator/dist/main.js [options]

Owns the runs of a data folder, for the other processes of it. They may be started in any order. Prints "ready <address>" when it serves; while
another coordinator of the folder does, "standby behind <pid>", and takes over when that one is gone.

  --data-dir DIR  the data folder (default: .tutti)
  --help          print this and end`,
  options: { 'data-dir': 'TUTTI_DATA_DIR' },
  create: async (place, flags) =>
    createCoordinatorProcess(await readConfig(coordinatorProcessConfig, place.cwd, place.environment, flags), place),
});
