import { readConfig } from '@tutti/service-kit';
import { runProcess } from '@tutti/service-process';
import { registryProcessConfig } from './process/registry-process.config.js';
import { createRegistryProcess } from './process/registry-process.js';

await runProcess(process, {
  name: 'registry',
  usage: `Usage: node services/registry/dist/main.js [options]

Who can do what, and who is alive, for the other processes of a data folder. They may be started in any order. Prints "ready <address>" when it
serves; while another registry of the folder does, "standby behind <pid>", and takes over when that one is gone.

  --data-dir DIR  the data folder (default: .tutti)
  --help          print this and end`,
  options: { 'data-dir': 'TUTTI_DATA_DIR' },
  create: async (place, flags) =>
    createRegistryProcess(await readConfig(registryProcessConfig, place.cwd, place.environment, flags), place),
});
